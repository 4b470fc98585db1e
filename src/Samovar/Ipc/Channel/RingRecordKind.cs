namespace Samovar.Ipc.Channel;

/// <summary>What a record of a ring contains.</summary>
internal enum RingRecordKind : ushort
{
    /// <summary>A message, in place.</summary>
    Message = 1,

    /// <summary>Nothing: fills the rest of the ring.</summary>
    Padding = 2,

    /// <summary>A reference to a segment that contains the message: see <see cref="LargeMessage"/>.</summary>
    Large = 3,
}
