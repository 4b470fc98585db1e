using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Samovar.Tests.Architecture;

/// <summary>
/// Maps the types of an assembly to the folders of their source, by the documents of its portable PDB.
/// Source: the Portable PDB format, https://github.com/dotnet/runtime/blob/main/docs/design/specs/PortablePdb-Metadata.md
/// </summary>
internal sealed class SourceFolders
{
    // Names the documents of types in which no method has a body, such as enums.
    private static readonly Guid s_typeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly Dictionary<int, SortedSet<string>> _foldersByToken = [];

    /// <summary>Reads the PDB next to <paramref name="assembly"/>.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="root">The path, inside the repository, that folders are relative to: <c>src/Samovar</c>.</param>
    public SourceFolders(Assembly assembly, string root)
    {
        using FileStream stream = File.OpenRead(Path.ChangeExtension(assembly.Location, ".pdb"));
        using var provider = MetadataReaderProvider.FromPortablePdbStream(stream);
        MetadataReader pdb = provider.GetMetadataReader();

        foreach (Type type in assembly.GetTypes())
        {
            foreach (MethodBase method in type.GetMethods(AllDeclared).Concat<MethodBase>(type.GetConstructors(AllDeclared)))
            {
                var debug = pdb.GetMethodDebugInformation((MethodDefinitionHandle)MetadataTokens.EntityHandle(method.MetadataToken));
                var documents = debug.GetSequencePoints().Where(point => !point.IsHidden).Select(point => point.Document).ToHashSet();
                if (!debug.Document.IsNil) documents.Add(debug.Document);
                foreach (DocumentHandle document in documents) Add(type, pdb, document, root);
            }

            EntityHandle handle = MetadataTokens.EntityHandle(type.MetadataToken);
            foreach (CustomDebugInformation custom in pdb.GetCustomDebugInformation(handle).Select(pdb.GetCustomDebugInformation))
            {
                if (pdb.GetGuid(custom.Kind) != s_typeDefinitionDocuments) continue;
                BlobReader rows = pdb.GetBlobReader(custom.Value);
                while (rows.RemainingBytes > 0) Add(type, pdb, MetadataTokens.DocumentHandle(rows.ReadCompressedInteger()), root);
            }
        }
    }

    public const BindingFlags AllDeclared = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>
    /// The folders of a type, as paths from the root, which is "". A nested type counts with its outermost type. None for types
    /// that the compiler or a generator made up.
    /// </summary>
    public IReadOnlyCollection<string> Of(Type type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return _foldersByToken.GetValueOrDefault(type.MetadataToken) ?? (IReadOnlyCollection<string>)[];
    }

    private void Add(Type type, MetadataReader pdb, DocumentHandle document, string root)
    {
        while (type.DeclaringType is { } outer) type = outer;

        // In a deterministic build the repository's path is replaced, so only the end of the path counts.
        string path = pdb.GetString(pdb.GetDocument(document).Name).Replace('\\', '/');
        int at = path.LastIndexOf($"/{root}/", StringComparison.Ordinal);
        if (at < 0 || path.Contains("/artifacts/", StringComparison.Ordinal)) return;

        string file = path[(at + root.Length + 2)..];
        if (!_foldersByToken.TryGetValue(type.MetadataToken, out SortedSet<string>? folders))
            _foldersByToken[type.MetadataToken] = folders = new(StringComparer.Ordinal);
        folders.Add(file[..Math.Max(0, file.LastIndexOf('/'))]);
    }
}
