using System.Numerics;

namespace Samovar.Ipc.Channel;

// A single-producer single-consumer ring of variable-length records.
//
// Record    +0 uint length    header and payload in bytes, so at least 8; 0 = nothing here yet
//           +4 ushort kind    RingRecordKind
//           +6 ushort tag     the sender's own
//           +8 payload, then padding to a multiple of 8
//
// 1. A record lies in one piece. Where the rest of the ring is too short for it, a padding record fills the rest.
// 2. The length word makes a record visible and is written last, with release. The reader reads it with acquire, and never
//    looks past a zero.
// 3. The word after the last record is always zero: the writer zeroes it before it publishes the record in front. It keeps
//    8 bytes free for that, so the reader has nothing to wipe and a ring is never quite full. A fresh ring is all zeros.
// 4. A batch is published by its first length word: later records of the batch are complete in memory behind a zero.
// 5. The reader gives space back by storing its position ("head") with release; the writer reads it with acquire, only when
//    its cached copy says there is no room. Positions grow for ever; an offset is position & (capacity - 1).
// 6. A writer that dies before step 2 leaves a zero, hence nothing; one that dies after it leaves a whole record. Nothing needs
//    repair. (The ring of a dead process is thrown away whole anyway, after what it published has been read.)
// 7. The peer may write anything at any time. Each value read from shared memory is read once, checked, and only then used. A
//    payload seen in place may change while it is being read: decoders copy a length before they check it.
//
// Threading: one thread at a time in the writer, one at a time in the reader, each with a happens-before edge between turns (a
// lock, or one thread). Neither role takes locks of its own.

/// <summary>Where a ring lies and how large it is; the two roles are made from it.</summary>
internal readonly unsafe struct MessageRing
{
    /// <summary>Length word, kind and tag.</summary>
    public const int HeaderSize = 8;

    /// <summary>Records start at multiples of this.</summary>
    public const int Alignment = 8;

    /// <summary>The smallest ring in which a record, its padding and the closing zero fit together.</summary>
    public const int SmallestCapacity = 64;

    /// <summary>The largest: lengths and offsets stay in 31 bits.</summary>
    public const int LargestCapacity = 1 << 30;

    public MessageRing(byte* data, int capacity, long* head)
    {
        if (!IsCapacity(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity,
                $"A ring's capacity is a power of two from {SmallestCapacity} to {LargestCapacity} bytes.");
        }

        Bytes = data;
        Capacity = capacity;
        Head = head;
    }

    public byte* Bytes { get; }

    public int Capacity { get; }

    /// <summary>The reader's position, in shared memory.</summary>
    public long* Head { get; }

    /// <summary>
    /// The longest payload that travels in the ring itself: an eighth of it, so that no message starves the others.
    /// </summary>
    public int LargestPayload => Capacity / 8;

    /// <summary>The longest record, and with it the longest padding (exclusive).</summary>
    public int LargestRecord => Align(HeaderSize + LargestPayload);

    public static bool IsCapacity(int capacity) =>
        capacity is >= SmallestCapacity and <= LargestCapacity && BitOperations.IsPow2(capacity);

    public static int Align(int size) => (size + (Alignment - 1)) & ~(Alignment - 1);
}
