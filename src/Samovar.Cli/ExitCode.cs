namespace Samovar.Cli;

/// <summary>What the tool's exit codes mean, for every command.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>The tool itself failed: a fault to report.</summary>
    public const int Fault = 1;

    /// <summary>The command line was not understood; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>This machine lacks something that Samovar cannot do without.</summary>
    public const int Unfit = 3;
}
