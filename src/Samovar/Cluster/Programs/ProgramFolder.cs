using Samovar.Processes.Launch;

namespace Samovar.Cluster.Programs;

/// <summary>A program in the <see cref="ProgramStore"/>, which stays there until this object is disposed.</summary>
internal sealed class ProgramFolder(string folder, PackageManifest manifest, FileStream used) : IDisposable
{
    public PackageManifest Manifest => manifest;

    /// <summary>How workers of the program are started.</summary>
    public WorkerProgramFiles Files => new(folder, Path.Combine(folder, manifest.Configuration), manifest.Dependencies.Length == 0 ? null : Path.Combine(folder, manifest.Dependencies));

    public void Dispose() => used.Dispose();
}
