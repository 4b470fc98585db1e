using System.Numerics;

namespace Samovar.Ipc.Channel;

// A single-producer single-consumer ring of variable-length records.
//
// Record    +0 uint length    header and payload in bytes, so at least 8; 0 = no record yet
//           +4 ushort kind    RingRecordKind
//           +6 ushort tag     chosen by the sender
//           +8 payload, then padding to a multiple of 8
//
// 1. A record is contiguous. If the rest of the ring is too short for it, a padding record fills the rest.
// 2. The length word makes a record visible and is written last, with release. The reader reads it with acquire, and never reads past a zero.
// 3. The word after the last record is always zero: the writer zeroes it before it publishes the record in front of it. It keeps 8 bytes free for
//    that, so the reader has nothing to clear and a ring is never completely full. A new ring is all zeros.
// 4. A batch is published by its first length word: the later records of the batch are complete in memory behind a zero.
// 5. The reader frees space by storing its position ("head") with release; the writer reads it with acquire, and only when its cached copy shows no
//    room. Positions grow forever; an offset is position & (capacity - 1).
// 6. A writer that dies before step 2 leaves a zero, and thus no record; a writer that dies after it leaves a whole record. Nothing needs repair.
//    (The ring of a dead process is discarded in any case, after its published records were read.)
// 7. The peer may write anything at any time. Each value from shared memory is read once, checked, and only then used. A payload that is read in
//    place may change during the read: decoders copy a length before they check it.
//
// Threading: one thread at a time in the writer, one at a time in the reader, each with a happens-before edge between turns (a lock, or a single
// thread). Neither role takes locks of its own.

/// <summary>The memory and size of a ring, from which the two roles are created.</summary>
internal readonly unsafe struct MessageRing
{
    /// <summary>The size of length word, kind and tag.</summary>
    public const int HeaderSize = 8;

    /// <summary>Records start at multiples of this.</summary>
    public const int Alignment = 8;

    /// <summary>The smallest ring in which a record, its padding and the terminating zero fit.</summary>
    public const int SmallestCapacity = 64;

    /// <summary>The largest ring: lengths and offsets stay in 31 bits.</summary>
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
    /// The longest payload that is sent in the ring itself: an eighth of the ring, so that no message blocks the others.
    /// </summary>
    public int LargestPayload => Capacity / 8;

    /// <summary>The longest record, which is also the (exclusive) limit of the padding.</summary>
    public int LargestRecord => Align(HeaderSize + LargestPayload);

    public static bool IsCapacity(int capacity) =>
        capacity is >= SmallestCapacity and <= LargestCapacity && BitOperations.IsPow2(capacity);

    public static int Align(int size) => (size + (Alignment - 1)) & ~(Alignment - 1);
}
