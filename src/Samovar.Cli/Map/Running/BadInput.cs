namespace Samovar.Cli.Map.Running;

/// <summary>What a malformed item means for the run.</summary>
internal enum BadInput
{
    /// <summary>It counts as a failed item.</summary>
    Fail,

    /// <summary>It is reported and otherwise passed over.</summary>
    Skip,

    /// <summary>The run stops.</summary>
    Halt,
}
