namespace Samovar.Cli.Map.Outputs;

/// <summary>Results or the job log cannot be written any more.</summary>
internal sealed class OutputLostException(string name, Exception cause) : Exception($"{name} cannot be written: {Reason(cause.Message)}", cause)
{
    private const int BrokenPipe = 32; // EPIPE, the HResult of the framework's exception

    /// <summary>Gets whether the reader has closed the pipe, which is not an error.</summary>
    public bool IsClosedPipe => InnerException is IOException { HResult: BrokenPipe };

    // The framework appends the path, with which the message already starts, or a parameter name.
    private static string Reason(string text) => text.Split(" : '", 2)[0].Split(" (Parameter", 2)[0].TrimEnd('.');
}
