namespace Samovar.Cache.Tests;

/// <summary>A folder of its own for a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("samovar-cache-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
