namespace Samovar.Ipc.Channel;

/// <summary>The points at which a peer may die. Used by tests only.</summary>
internal enum RingSyncPoint
{
    /// <summary>Writer: the payload's space is reserved; nothing is written.</summary>
    Reserved,

    /// <summary>Writer: the payload and the zero after it are written; the length word is not.</summary>
    Closed,

    /// <summary>Writer: the length word is written; the doorbell is not rung.</summary>
    Published,

    /// <summary>Writer: a large payload's segment is filled; its record is not reserved.</summary>
    LargeFilled,

    /// <summary>Reader: a record was read; its space is not freed.</summary>
    Seen,

    /// <summary>Reader: the space is freed.</summary>
    Released,
}
