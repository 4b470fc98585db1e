using System.Security.Cryptography;
using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Programs;

/// <summary>The files of a program, and how workers are started from them. Its hash authenticates the package: it contains the hash of each
/// file.</summary>
internal sealed record PackageManifest
{
    /// <summary>The size of a hash in bytes.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>The largest sum of the lengths of all files, in bytes.</summary>
    public const long MostBytes = 2L << 30;

    /// <summary>The largest number of files.</summary>
    public const int MostFiles = 50_000;

    private const byte Version = 1;
    private const int LeastFileSize = sizeof(int) + 1 + sizeof(long) + SHA256.HashSizeInBytes;

    /// <summary>The system and the processor on which the program runs, for example <c>linux-x64</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The module version id of Samovar in the program, which the node must have too.</summary>
    public required Guid Library { get; init; }

    /// <summary>The version of Samovar in the program, for errors.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>The name of the runtime configuration.</summary>
    public required string Configuration { get; init; }

    /// <summary>The name of the file that lists the dependencies; empty for none.</summary>
    public required string Dependencies { get; init; }

    public required IReadOnlyList<PackageFile> Files { get; init; }

    /// <summary>Reads a manifest, and checks it: its files stay in their folder, and are neither too many nor too large.</summary>
    /// <exception cref="MessageFormatException">The manifest is not valid.</exception>
    public static PackageManifest Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new MessageReader(bytes);
        byte version = reader.Byte();
        if (version != Version) throw new MessageFormatException($"The package has format {version}; this version of Samovar reads format {Version}.");
        string platform = reader.Text();
        var library = reader.Id();
        string libraryVersion = reader.Text(), configuration = reader.Text(), dependencies = reader.Text();
        var files = new PackageFile[reader.Count(LeastFileSize)];
        for (int i = 0; i < files.Length; i++) files[i] = new PackageFile(reader.Text(), reader.Int64(), reader.Raw(HashSize));
        if (!reader.IsAtEnd) throw new MessageFormatException("Bytes follow the last file of the package.");
        Check(files, configuration, dependencies);
        return new PackageManifest
        {
            Platform = platform,
            Library = library,
            LibraryVersion = libraryVersion,
            Configuration = configuration,
            Dependencies = dependencies,
            Files = files,
        };
    }

    public byte[] Write()
    {
        var writer = new MessageWriter(Files.Count * 100)
            .Byte(Version).Text(Platform).Id(Library).Text(LibraryVersion).Text(Configuration).Text(Dependencies).Int32(Files.Count);
        foreach (var file in Files) writer.Text(file.Name).Int64(file.Length).Raw(file.Hash.Span);
        return writer.Written.ToArray();
    }

    /// <summary>Returns the SHA-256 of a written manifest.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> manifest) => SHA256.HashData(manifest);

    /// <summary>Returns the key of the blob that contains a package.</summary>
    public static string BlobKey(ReadOnlySpan<byte> hash) => $"program-{Convert.ToHexStringLower(hash)}";

    private static void Check(PackageFile[] files, string configuration, string dependencies)
    {
        if (files.Length > MostFiles) throw new MessageFormatException($"The package has {files.Length:N0} files, more than {MostFiles:N0}.");
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        long sum = 0;
        foreach (var file in files)
        {
            if (!PackageFile.IsSafe(file.Name) || !names.Add(file.Name)) throw new MessageFormatException($"The package has a file with the name '{file.Name}', which is not valid.");
            if (file.Length < 0 || (sum += file.Length) > MostBytes) throw new MessageFormatException($"The files of the package are larger than {MostBytes:N0} bytes.");
        }

        if (!names.Contains(configuration)) throw new MessageFormatException($"The package does not contain its runtime configuration '{configuration}'.");
        if (dependencies.Length > 0 && !names.Contains(dependencies)) throw new MessageFormatException($"The package does not contain its file '{dependencies}'.");
    }
}
