namespace Samovar.Cli;

/// <summary>An error that the user can fix. It is reported as a message without a stack trace, with an exit code of its own.</summary>
/// <param name="message">What happened, to which thing, and what to do.</param>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
internal sealed class UsageException(string message, int exitCode = ExitCode.Usage) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>Output of another program, such as a compiler, printed unchanged before the message; null for none.</summary>
    public string? Said { get; init; }
}
