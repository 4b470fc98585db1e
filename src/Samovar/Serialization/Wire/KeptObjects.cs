namespace Samovar.Serialization.Wire;

/// <summary>Which objects of a message are kept for others that continue it.</summary>
internal enum KeptObjects
{
    /// <summary>None: nothing continues it.</summary>
    None,

    /// <summary>The first one alone.</summary>
    Root,

    /// <summary>Each.</summary>
    All,
}
