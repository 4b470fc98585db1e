namespace Samovar.Serialization.Wire;

/// <summary>The objects of a message that are kept for messages that continue it.</summary>
internal enum KeptObjects
{
    /// <summary>No objects: no message continues this one.</summary>
    None,

    /// <summary>Only the first object.</summary>
    Root,

    /// <summary>All objects.</summary>
    All,
}
