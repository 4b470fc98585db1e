namespace Samovar.Cli;

/// <summary>The working directory in which the tool was started.</summary>
internal static class CurrentFolder
{
    /// <summary>Throws if the directory no longer exists: paths are resolved against it, and other processes are started in it.</summary>
    /// <exception cref="UsageException">The directory was removed or cannot be reached.</exception>
    public static void Require()
    {
        try
        {
            _ = Environment.CurrentDirectory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"The current folder{Name()} no longer exists or cannot be reached: {Map.Outputs.TextFormat.FirstLine(e.Message)} "
                + "Change to another folder and run the command again.");
        }
    }

    // The shell still has the path; the kernel no longer does.
    private static string Name() => Environment.GetEnvironmentVariable("PWD") is { Length: > 0 } name ? $" {name}" : "";
}
