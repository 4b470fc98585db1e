namespace Samovar.Ipc.Channel;

/// <summary>What a ring's record holds.</summary>
internal enum RingRecordKind : ushort
{
    /// <summary>A message, in place.</summary>
    Message = 1,

    /// <summary>Nothing: fills the ring up to its end.</summary>
    Padding = 2,

    /// <summary>A reference to a segment that holds the message: see <see cref="LargeMessage"/>.</summary>
    Large = 3,
}
