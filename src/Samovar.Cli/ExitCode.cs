namespace Samovar.Cli;

/// <summary>What the tool's exit codes mean, for every command. docs/reference/map.md has the same table.</summary>
internal static class ExitCode
{
    /// <summary>Done; of a map: every item succeeded.</summary>
    public const int Success = 0;

    /// <summary>Some items of a map failed; the others were done.</summary>
    public const int ItemsFailed = 1;

    /// <summary>The command line, the target or the inputs are not right; nothing was run.</summary>
    public const int Usage = 2;

    /// <summary>This machine lacks something that Samovar cannot do without.</summary>
    public const int Unfit = 3;

    /// <summary>A map stopped by its halt rule, or at a malformed input.</summary>
    public const int Halted = 4;

    /// <summary>A map whose input broke off: the rest was not read.</summary>
    public const int InputLost = 5;

    /// <summary>Results, a log or a report could not be written.</summary>
    public const int OutputLost = 6;

    /// <summary>A process that was asked did not answer.</summary>
    public const int NoAnswer = 7;

    /// <summary>The tool itself failed: a fault to report. (EX_SOFTWARE)</summary>
    public const int Fault = 70;

    /// <summary>Interrupted by Ctrl-C: 128 and the signal's number.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of the results went away, as <c>head</c> does: 128 and SIGPIPE's number.</summary>
    public const int OutputClosed = 141;

    /// <summary>Ended by SIGTERM: 128 and the signal's number.</summary>
    public const int Terminated = 143;
}
