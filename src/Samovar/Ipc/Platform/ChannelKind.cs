namespace Samovar.Ipc.Platform;

/// <summary>How memory is shared and sleepers are woken.</summary>
internal enum ChannelKind
{
    /// <summary>memfd and futex: Linux.</summary>
    Linux,

    /// <summary>Mapped files and Unix domain sockets: everywhere.</summary>
    Portable,

    /// <summary>Plain memory and events: both ends in one process.</summary>
    Local,
}
