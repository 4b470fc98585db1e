namespace Samovar.Cli.Map.Running;

/// <summary>How an item ended.</summary>
internal enum ItemStatus : byte
{
    /// <summary>With a result.</summary>
    Succeeded,

    /// <summary>The method threw, ran out of time, or its process died.</summary>
    Failed,

    /// <summary>Its text is no value of the parameter's type; the method was not called.</summary>
    Malformed,

    /// <summary>The map was stopped before it began.</summary>
    NotBegun,
}
