namespace Samovar.Cli;

/// <summary>The folder that the tool was called in.</summary>
internal static class CurrentFolder
{
    /// <summary>Makes sure that it is there: paths are relative to it, and other processes are started in it.</summary>
    /// <exception cref="UsageException">It was removed.</exception>
    public static void Require()
    {
        try
        {
            _ = Environment.CurrentDirectory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The current folder{Name()} is not there any more, or cannot be reached: {Map.Outputs.TextFormat.FirstLine(e.Message)} Change to one that is there.");
        }
    }

    // As the shell knows it; the system has forgotten it.
    private static string Name() => Environment.GetEnvironmentVariable("PWD") is { Length: > 0 } name ? $" {name}" : "";
}
