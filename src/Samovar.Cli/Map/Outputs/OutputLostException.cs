namespace Samovar.Cli.Map.Outputs;

/// <summary>Results or log cannot be written any more.</summary>
internal sealed class OutputLostException(string name, Exception cause) : Exception($"{name} cannot be written: {FirstLine(cause.Message)}", cause)
{
    private const int BrokenPipe = 32; // EPIPE, as the framework's errors carry it

    /// <summary>Whether its reader has gone away, which is nobody's mistake.</summary>
    public bool IsClosedPipe => InnerException is IOException { HResult: BrokenPipe };

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();
}
