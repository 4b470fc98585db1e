namespace Samovar.Ipc.Channel;

/// <summary>The moments between which a peer may die. Tests stop a process at each; nothing else looks at them.</summary>
internal enum RingSyncPoint
{
    /// <summary>Writer: the payload's place is taken, nothing written.</summary>
    Reserved,

    /// <summary>Writer: the payload and the zero behind it are written, the length word is not.</summary>
    Closed,

    /// <summary>Writer: the length word is written, the doorbell not rung.</summary>
    Published,

    /// <summary>Writer: a large payload's segment is filled, its record not yet reserved.</summary>
    LargeFilled,

    /// <summary>Reader: a record was seen, its space not given back.</summary>
    Seen,

    /// <summary>Reader: the space was given back.</summary>
    Released,
}
