namespace Samovar.Ipc;

/// <summary>
/// Shared memory holds something that a sound peer never writes: a record length out of range, a counter that went backwards,
/// a header of another build. The channel is given up; nothing was read or written out of its bounds.
/// </summary>
/// <remarks>The peer that wrote it is broken or hostile (a stray pointer in native code is the usual cause) and is
/// ended.</remarks>
public sealed class ChannelCorruptedException : IOException
{
    /// <summary>Creates the error with a text that names the field, what was found and what was allowed.</summary>
    public ChannelCorruptedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with the failure that revealed it.</summary>
    public ChannelCorruptedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the error with a general text.</summary>
    public ChannelCorruptedException()
        : base("Shared memory holds something that a sound peer never writes.")
    {
    }
}
