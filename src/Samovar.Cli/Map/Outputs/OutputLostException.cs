namespace Samovar.Cli.Map.Outputs;

/// <summary>Results or log cannot be written any more.</summary>
internal sealed class OutputLostException(string name, Exception cause) : Exception($"{name} cannot be written: {Reason(cause.Message)}", cause)
{
    private const int BrokenPipe = 32; // EPIPE, as the framework's errors carry it

    /// <summary>Whether its reader has gone away, which is nobody's mistake.</summary>
    public bool IsClosedPipe => InnerException is IOException { HResult: BrokenPipe };

    // The framework adds the path, which stands at the beginning already, or a parameter's name.
    private static string Reason(string text) => text.Split(" : '", 2)[0].Split(" (Parameter", 2)[0].TrimEnd('.');
}
