namespace Samovar.Cli.Map.Running;

/// <summary>What the run does with a malformed item.</summary>
internal enum BadInput
{
    /// <summary>Counts it as a failed item.</summary>
    Fail,

    /// <summary>Reports it, and does not count it as failed.</summary>
    Skip,

    /// <summary>Stops the run.</summary>
    Halt,
}
