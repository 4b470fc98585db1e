namespace Samovar.Ipc;

/// <summary>What putting into a full queue does.</summary>
public enum ProcessQueueFullMode
{
    /// <summary>It waits until there is room.</summary>
    Wait = 0,

    /// <summary>It drops the oldest item that this process has put, and puts the new one.</summary>
    DropOldest = 1,

    /// <summary>It drops the item that was to be put, as <see cref="System.Threading.Channels.BoundedChannelFullMode.DropWrite"/> does.</summary>
    DropWrite = 2,
}
