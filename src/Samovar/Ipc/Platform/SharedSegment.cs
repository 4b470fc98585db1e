using Microsoft.Win32.SafeHandles;

namespace Samovar.Ipc.Platform;

/// <summary>A piece of memory that two processes map, zero when made, at least page-aligned.</summary>
/// <remarks>
/// Disposing unmaps at once and is the owner's affair: nobody may be inside a ring, slot or doorbell of this segment by then.
/// There is no finalizer on purpose: a ring holds raw pointers, and a segment forgotten must leak until the process ends
/// rather than be unmapped under a reader.
/// </remarks>
internal abstract unsafe class SharedSegment : IDisposable
{
    private byte* _start;

    protected SharedSegment(byte* start, long length, SegmentAddress address)
    {
        _start = start;
        Length = length;
        Address = address;
    }

    /// <summary>Bytes mapped.</summary>
    public long Length { get; }

    /// <summary>Bytes of the file behind those, to be read and written and not mapped.</summary>
    public virtual long Beyond => 0;

    /// <summary>Memory that is in use by it, about; of a sparse file less than its length.</summary>
    public virtual long InUse => Length;

    /// <summary>The file, where there is something beyond what is mapped.</summary>
    public virtual SafeFileHandle? File => null;

    /// <summary>What a peer needs to open it; meaningless for a process-local segment.</summary>
    public SegmentAddress Address { get; }

    /// <summary>What a third process needs to open it through this one, whoever made it.</summary>
    public virtual SegmentAddress AddressHere => Address;

    /// <summary>Whether every other process that opens it can only read it.</summary>
    public virtual bool IsReadOnlyToOthers => false;

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">The segment was unmapped.</exception>
    public byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start == null, this);
            return _start;
        }
    }

    /// <summary>The bytes from <paramref name="offset"/>, checked against the length.</summary>
    public byte* At(long offset, long size)
    {
        if (offset < 0 || size < 0 || offset > Length - size)
            throw new ChannelCorruptedException($"A region of {size} bytes at {offset} does not lie in a segment of {Length} bytes.");

        return Start + offset;
    }

    /// <summary>
    /// Removes the name under which the peer opened it, if it has one. Call once the peer has it; may be called twice.
    /// </summary>
    public virtual void RemoveName()
    {
    }

    /// <summary>Removes the name and closes what else there is but the mapping, which <see cref="Dispose"/> takes away.</summary>
    public virtual void Detach() => RemoveName();

    /// <summary>Unmaps and closes. May be called twice.</summary>
    public void Dispose()
    {
        byte* start = _start;
        if (start == null) return;

        _start = null;
        RemoveName();
        Unmap(start);
    }

    protected abstract void Unmap(byte* start);
}
