namespace Samovar.Cli.Map.Targets;

/// <summary>Lets builds follow one another: two builds of one project or file at once take each other's files away. It ends with the process that
/// holds it, however that ends.</summary>
internal static class BuildLock
{
    /// <summary>The variable that tells a build which locks are held for it: a build that runs <c>samovar map</c> itself would wait for its own end.</summary>
    public const string Variable = "SAMOVAR_BUILD";

    private const int SharingViolation = unchecked((int)0x80070020); // on Windows

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly int s_wouldBlock = OperatingSystem.IsLinux() ? 11 : 35; // EWOULDBLOCK, as the framework's errors carry it

    /// <summary>Waits for its turn.</summary>
    /// <param name="path">The file that stands for what is built; it stays.</param>
    /// <param name="waits">Called once where another process has it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What ends the turn.</returns>
    /// <exception cref="UsageException">The file cannot be made.</exception>
    public static Task<IDisposable> EnterAsync(string path, Action waits, CancellationToken cancellation) => EnterAsync(path, "", waits, cancellation);

    /// <summary>Waits for its turn, with an error that ends with a hint.</summary>
    /// <param name="path">The file that stands for what is built; it stays.</param>
    /// <param name="hint">What the reader of the error can do.</param>
    /// <param name="waits">Called once where another process has it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What ends the turn.</returns>
    /// <exception cref="UsageException">The file cannot be made.</exception>
    public static async Task<IDisposable> EnterAsync(string path, string hint, Action waits, CancellationToken cancellation)
    {
        if (Holds(Environment.GetEnvironmentVariable(Variable), path)) return Stream.Null; // the turn is that of the build around this process
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return Open(path);
            }
            catch (IOException busy) when (busy.HResult == s_wouldBlock || busy.HResult == SharingViolation)
            {
                if (isFirst) waits(); // what the other builds may do
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"The lock {path} cannot be made: {Outputs.TextFormat.FirstLine(error.Message)} {hint}".TrimEnd());
            }

            await Task.Delay(s_look, cancellation);
        }
    }

    /// <summary>What <see cref="Variable"/> is for a build.</summary>
    /// <param name="held">What it is here.</param>
    /// <param name="path">The lock that the build runs under.</param>
    public static string With(string? held, string path) => string.IsNullOrEmpty(held) ? path : $"{held}{Path.PathSeparator}{path}";

    /// <summary>Whether a lock is among those that <see cref="Variable"/> names.</summary>
    public static bool Holds(string? held, string path) =>
        $"{Path.PathSeparator}{held}{Path.PathSeparator}".Contains($"{Path.PathSeparator}{path}{Path.PathSeparator}", StringComparison.Ordinal);

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (UnauthorizedAccessException) when (File.Exists(path))
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0); // another user has made it; reading is enough to lock it
        }
    }
}
