namespace Samovar.Cli;

/// <summary>Something that its user can mend: told in words, without a stack, and with an exit code of its own.</summary>
/// <param name="message">What happened, to what, and what to do.</param>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
internal sealed class UsageException(string message, int exitCode = ExitCode.Usage) : Exception(message)
{
    public int ExitCode => exitCode;

    /// <summary>Words of another program, such as a compiler, shown as they are before the message.</summary>
    public string? Said { get; init; }
}
