using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Cluster.Protocol;

/// <summary>Computes the <see cref="BuildId"/> of this program: the SHA-256 over its files of managed code, sorted by name, each with its own SHA-256,
/// and over the runtime identifier and the framework. Two programs with the same id can run each other's delegates.</summary>
/// <remarks>A program in a single file has no such files; the ids of its modules are used instead.</remarks>
internal static class ProgramBuild
{
    /// <summary>The build of this program. Its first use reads the files of the program.</summary>
    public static Lazy<BuildId> Current { get; } = new(Compute);

    /// <summary>Computes the id of the files of managed code in a folder.</summary>
    public static BuildId Of(IEnumerable<string> files, string runtime, string framework)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, runtime);
        Add(hash, framework);
        foreach (string file in files.OrderBy(Path.GetFileName, StringComparer.Ordinal))
        {
            Add(hash, Path.GetFileName(file));
            using var content = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(content));
        }

        return BuildId.Read(hash.GetHashAndReset());
    }

    private static string Framework => string.Create(CultureInfo.InvariantCulture, $".NET {Environment.Version.Major}.{Environment.Version.Minor}");

    /// <summary>Computes the id of this program from its files as they are now.</summary>
    public static BuildId Compute()
    {
        string[] files = [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(IsManaged)];
        return files.Length > 0
            ? Of(files, RuntimeInformation.RuntimeIdentifier, Framework)
            : OfModules(AppDomain.CurrentDomain.GetAssemblies());
    }

    private static BuildId OfModules(Assembly[] assemblies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, RuntimeInformation.RuntimeIdentifier);
        Add(hash, Framework);
        if (Assembly.GetEntryAssembly() is { } program) hash.AppendData(program.ManifestModule.ModuleVersionId.ToByteArray());
        foreach (var library in assemblies.Where(static assembly => assembly == typeof(ProgramBuild).Assembly))
            hash.AppendData(library.ManifestModule.ModuleVersionId.ToByteArray());
        return BuildId.Read(hash.GetHashAndReset());
    }

    private static bool IsManaged(string file)
    {
        try
        {
            AssemblyName.GetAssemblyName(file);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false; // native code, which belongs to the package of a file that counts
        }
    }

    private static void Add(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
