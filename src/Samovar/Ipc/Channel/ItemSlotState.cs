namespace Samovar.Ipc.Channel;

/// <summary>Where an item stands between parent and worker.</summary>
/// <remarks>
/// The legal moves of a slot's word; each is one compare-and-swap, so exactly one side wins:
/// <code>
///   from      to        by       when
///   --------  --------  -------  --------------------------------------------------------
///   Free      Sent      parent   before the item's record is published
///   Sent      Started   worker   it takes the item up; from here on it has run
///   Sent      Revoked   parent   the item is cancelled, or moved to another worker
///   Started   Free      parent   its result was taken
///   Revoked   Free      parent   at once: the generation tells the worker that its record is void
/// </code>
/// </remarks>
internal enum ItemSlotState
{
    /// <summary>Not in use.</summary>
    Free = 0,

    /// <summary>Handed over, not begun: still the parent's to take back.</summary>
    Sent = 1,

    /// <summary>Begun by the worker.</summary>
    Started = 2,

    /// <summary>Taken back by the parent: it will never begin here.</summary>
    Revoked = 3,
}
