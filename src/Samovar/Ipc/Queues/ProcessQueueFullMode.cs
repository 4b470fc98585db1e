namespace Samovar.Ipc;

/// <summary>What putting an item into a full queue does.</summary>
public enum ProcessQueueFullMode
{
    /// <summary>Waits until there is room.</summary>
    Wait = 0,

    /// <summary>Drops the oldest item of this process, and puts the new one.</summary>
    DropOldest = 1,

    /// <summary>Drops the new item, as <see cref="System.Threading.Channels.BoundedChannelFullMode.DropWrite"/> does.</summary>
    DropWrite = 2,
}
