namespace Samovar.Cli.Map.Targets;

/// <summary>Lets builds follow one another: two builds of one project or file at once take each other's files away. It ends with the process that
/// holds it, however that ends.</summary>
internal static class BuildLock
{
    private const int SharingViolation = unchecked((int)0x80070020); // on Windows

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly int s_wouldBlock = OperatingSystem.IsLinux() ? 11 : 35; // EWOULDBLOCK, as the framework's errors carry it

    /// <summary>Waits for its turn.</summary>
    /// <param name="path">The file that stands for what is built; it stays.</param>
    /// <param name="waits">Called once where another process has it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What ends the turn.</returns>
    /// <exception cref="MistakeException">The file cannot be made.</exception>
    public static async Task<IDisposable> EnterAsync(string path, Action waits, CancellationToken cancellation)
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException busy) when (busy.HResult == s_wouldBlock || busy.HResult == SharingViolation)
            {
                if (isFirst) waits(); // what the other builds may do
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw BuildCache.Unusable(Path.GetDirectoryName(path)!, error);
            }

            await Task.Delay(s_look, cancellation);
        }
    }
}
