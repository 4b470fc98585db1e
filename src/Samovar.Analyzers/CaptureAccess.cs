namespace Samovar.Analyzers;

/// <summary>The effect of one use on a captured value.</summary>
internal enum CaptureAccess
{
    /// <summary>Reads the value, or may read it.</summary>
    Read,

    /// <summary>Assigns a new value to the variable or member.</summary>
    Reassign,

    /// <summary>Changes the object that the variable or member refers to.</summary>
    Mutate,
}
