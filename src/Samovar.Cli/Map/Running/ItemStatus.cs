namespace Samovar.Cli.Map.Running;

/// <summary>The status of an item.</summary>
internal enum ItemStatus : byte
{
    /// <summary>The method returned a result.</summary>
    Succeeded,

    /// <summary>The method threw or timed out, or its process crashed.</summary>
    Failed,

    /// <summary>The text could not be converted to the parameter's type; the method was not called.</summary>
    Malformed,

    /// <summary>The map was stopped before the item started.</summary>
    NotBegun,
}
