namespace Samovar.Serialization;

/// <summary>How to take an envelope's body.</summary>
[Flags]
public enum EnvelopeTraits : uint
{
    /// <summary>The body follows the header and is read by the graph serializer.</summary>
    None = 0,

    /// <summary>The body lies elsewhere, because it is larger than the ring; what follows the header says where.</summary>
    BodyElsewhere = 1,

    /// <summary>The body holds several items of a map.</summary>
    Batch = 2,

    /// <summary>The trace that the envelope belongs to is recorded.</summary>
    Traced = 4,

    /// <summary>The body is the bytes of an unmanaged value, with no serializer at all.</summary>
    RawBody = 8,
}
