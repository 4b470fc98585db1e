namespace Samovar.Cluster.Programs;

/// <summary>The files of a program that are sent to nodes.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Paths">The path of each file on this machine, by its name in the manifest.</param>
internal sealed record ProgramPackage(PackageManifest Manifest, IReadOnlyDictionary<string, string> Paths)
{
    /// <summary>Writes the package.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> manifest, Stream output, CancellationToken cancellationToken) =>
        PackageStream.WriteAsync(manifest, Manifest.Files.Select(file => (file, Paths[file.Name])), output, cancellationToken);
}
