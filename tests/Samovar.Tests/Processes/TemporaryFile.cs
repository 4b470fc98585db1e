namespace Samovar.Tests.Processes;

/// <summary>An empty file that goes with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    /// <param name="extension">With its dot; none where the name does not matter.</param>
    public TemporaryFile(string extension = "")
    {
        string made = System.IO.Path.GetTempFileName();
        Path = made + extension;
        if (extension.Length > 0) File.Move(made, Path);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
