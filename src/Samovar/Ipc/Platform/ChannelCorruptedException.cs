namespace Samovar.Ipc;

/// <summary>
/// The exception that is thrown when shared memory contains what a correct peer never writes: a record length out of range, a counter that went
/// backwards, a header of another build. The channel is closed; nothing was read or written outside its bounds.
/// </summary>
/// <remarks>The peer that wrote it is broken or hostile (a stray pointer in native code is the usual cause) and is terminated.</remarks>
public sealed class ChannelCorruptedException : IOException
{
    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">The field, the value found, and the values allowed.</param>
    public ChannelCorruptedException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and the exception that revealed the corruption.</summary>
    /// <param name="message">The field, the value found, and the values allowed.</param>
    /// <param name="innerException">The exception that revealed the corruption.</param>
    public ChannelCorruptedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes the exception with a default message.</summary>
    public ChannelCorruptedException()
        : base("Shared memory contains a value that a correct peer never writes.")
    {
    }
}
