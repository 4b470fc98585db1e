namespace Samovar.Ipc.Platform;

/// <summary>How memory is shared and sleepers are woken.</summary>
internal enum ChannelKind
{
    /// <summary>memfd and futex, on Linux.</summary>
    Linux,

    /// <summary>Mapped files and Unix domain sockets, on all systems.</summary>
    Portable,

    /// <summary>Process-local memory and events: both ends are in one process.</summary>
    Local,
}
