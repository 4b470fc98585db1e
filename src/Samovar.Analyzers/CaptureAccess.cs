namespace Samovar.Analyzers;

/// <summary>What one use does to a captured value.</summary>
internal enum CaptureAccess
{
    /// <summary>Reads it, or does something that may be reading.</summary>
    Read,

    /// <summary>Gives the variable or member another value.</summary>
    Reassign,

    /// <summary>Changes the inside of the object that the variable or member refers to.</summary>
    Mutate,
}
