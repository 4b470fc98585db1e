using Microsoft.Win32.SafeHandles;

namespace Samovar.Ipc.Platform;

/// <summary>A block of memory that two processes map: zeroed when created, and at least page-aligned.</summary>
/// <remarks>
/// Disposing unmaps the memory at once and is the owner's responsibility: no thread may be using a ring, slot or doorbell of this segment then. There
/// is no finalizer on purpose: a ring holds raw pointers, so a segment that is not disposed has to leak until the process exits rather than be
/// unmapped under a reader.
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

    /// <summary>The number of mapped bytes.</summary>
    public long Length { get; }

    /// <summary>The number of further bytes in the file, which can be read and written but are not mapped.</summary>
    public virtual long Beyond => 0;

    /// <summary>The approximate memory that the segment uses; for a sparse file less than its length.</summary>
    public virtual long InUse => Length;

    /// <summary>The file, if it has bytes beyond the mapped ones.</summary>
    public virtual SafeFileHandle? File => null;

    /// <summary>What a peer needs to open the segment; meaningless for a process-local segment.</summary>
    public SegmentAddress Address { get; }

    /// <summary>What a third process needs to open the segment through this process, whichever process created it.</summary>
    public virtual SegmentAddress AddressHere => Address;

    /// <summary>Whether all other processes that open the segment can only read it.</summary>
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

    /// <summary>Returns the address of the bytes from <paramref name="offset"/>, checked against the length.</summary>
    public byte* At(long offset, long size)
    {
        if (offset < 0 || size < 0 || offset > Length - size)
            throw new ChannelCorruptedException($"A region of {size} bytes at {offset} is not inside the segment of {Length} bytes.");

        return Start + offset;
    }

    /// <summary>
    /// Removes the name under which the peer opens the segment, if there is one. Called after the peer has opened it; may be called more than once.
    /// </summary>
    public virtual void RemoveName()
    {
    }

    /// <summary>Removes the name and closes everything except the mapping, which <see cref="Dispose"/> removes.</summary>
    public virtual void Detach() => RemoveName();

    /// <summary>Unmaps and closes the segment. May be called more than once.</summary>
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
