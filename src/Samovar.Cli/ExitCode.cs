namespace Samovar.Cli;

/// <summary>The tool's exit codes, which mean the same for every command. docs/reference/map.md has the same table.</summary>
internal static class ExitCode
{
    /// <summary>The command succeeded; for a map, every item did.</summary>
    public const int Success = 0;

    /// <summary>Some items of a map failed; the others succeeded.</summary>
    public const int ItemsFailed = 1;

    /// <summary>The command line, the target or the input is invalid; nothing was run.</summary>
    public const int Usage = 2;

    /// <summary>This machine lacks something that Samovar requires.</summary>
    public const int Unfit = 3;

    /// <summary>A map was stopped by its halt rule or by a malformed item.</summary>
    public const int Halted = 4;

    /// <summary>Reading a map's input failed, and the rest of it was not read; or files were left out.</summary>
    public const int InputLost = 5;

    /// <summary>Results, a job log or a report could not be written.</summary>
    public const int OutputLost = 6;

    /// <summary>An inspected process, a broker or a cluster did not respond, or refused the connection.</summary>
    public const int NoAnswer = 7;

    /// <summary>The tool itself failed; a bug to report (EX_SOFTWARE).</summary>
    public const int Fault = 70;

    /// <summary>Interrupted by Ctrl-C: 128 plus the signal's number.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of the results closed the pipe, as <c>head</c> does: 128 plus SIGPIPE's number.</summary>
    public const int OutputClosed = 141;

    /// <summary>Terminated by SIGTERM: 128 plus the signal's number.</summary>
    public const int Terminated = 143;
}
