namespace Samovar.Ipc.Channel;

/// <summary>The state of an item between parent and worker.</summary>
/// <remarks>
/// The legal transitions of a slot's word. Each is one compare-and-swap, so exactly one side wins:
/// <code>
///   from      to        by       when
///   --------  --------  -------  --------------------------------------------------------
///   Free      Sent      parent   before the item's record is published
///   Sent      Started   worker   it starts the item; from here on the item has run
///   Sent      Revoked   parent   the item is cancelled, or moved to another worker
///   Started   Free      parent   it has read the result
///   Revoked   Free      parent   at once: the generation shows the worker that its record is void
/// </code>
/// </remarks>
internal enum ItemSlotState
{
    /// <summary>Not in use.</summary>
    Free = 0,

    /// <summary>Sent and not started; the parent can still revoke it.</summary>
    Sent = 1,

    /// <summary>Started by the worker.</summary>
    Started = 2,

    /// <summary>Revoked by the parent: the item never starts in this worker.</summary>
    Revoked = 3,
}
