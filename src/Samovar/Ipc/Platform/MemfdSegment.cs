using System.Runtime.Versioning;

namespace Samovar.Ipc;

/// <summary>Anonymous memory behind a descriptor: no name that could leak, gone with the last process that maps it.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class MemfdSegment : SharedSegment
{
    private int _descriptor;
    private readonly SegmentUse _use;

    private MemfdSegment(int descriptor, byte* start, long length, SegmentAddress address, SegmentUse use, bool isReadOnlyToOthers = false)
        : base(start, length, address)
    {
        _descriptor = descriptor;
        _use = use;
        IsReadOnlyToOthers = isReadOnlyToOthers;
    }

    public override SegmentAddress AddressHere => new(Environment.ProcessId, _descriptor);

    public override bool IsReadOnlyToOthers { get; }

    public static MemfdSegment Create(long length, bool forReaders = false)
    {
        int descriptor = LinuxMemory.CreateMemfd("samovar");
        try
        {
            LinuxMemory.SetLength(descriptor, length);
            byte* start = LinuxMemory.Map(descriptor, length); // what is mapped before the seals stays writable
            try
            {
                bool isReadOnlyToOthers = LinuxMemory.Seal(descriptor, forReaders);
                return new MemfdSegment(
                    descriptor, start, length, new SegmentAddress(Environment.ProcessId, descriptor), SegmentUse.Share, isReadOnlyToOthers);
            }
            catch
            {
                LinuxMemory.Unmap(start, length);
                throw;
            }
        }
        catch
        {
            LinuxMemory.Close(descriptor);
            throw;
        }
    }

    /// <summary>The file that names this process as a holder; null for none.</summary>
    public string? Entry { get; set; }

    public static MemfdSegment Open(SegmentAddress address, long length, SegmentUse use)
    {
        bool isWritable = use != SegmentUse.Read;
        int descriptor = LinuxMemory.Open($"/proc/{address.OwnerId}/fd/{address.Number}", isWritable);
        try
        {
            if (!LinuxMemory.IsSealed(descriptor) || LinuxMemory.Length(descriptor) != length)
            {
                throw new ChannelCorruptedException(
                    $"Descriptor {address.Number} of process {address.OwnerId} is not a sealed memory file of {length} bytes.");
            }

            return new MemfdSegment(descriptor, LinuxMemory.Map(descriptor, length, isWritable), length, address, use);
        }
        catch
        {
            LinuxMemory.Close(descriptor);
            throw;
        }
    }

    /// <summary>Opens a shared object of this user's, of whatever length.</summary>
    public static MemfdSegment OpenShared(SegmentAddress address)
    {
        int descriptor = LinuxMemory.Open($"/proc/{address.OwnerId}/fd/{address.Number}");
        try
        {
            if (!LinuxMemory.IsSealed(descriptor) || LinuxMemory.OwnerOf(descriptor) != LinuxMemory.UserId)
                throw new ChannelCorruptedException($"Descriptor {address.Number} of process {address.OwnerId} is not a sealed memory file of this user.");
            long length = LinuxMemory.Length(descriptor);
            return new MemfdSegment(descriptor, LinuxMemory.Map(descriptor, length), length, address, SegmentUse.Share);
        }
        catch
        {
            LinuxMemory.Close(descriptor);
            throw;
        }
    }

    public override void Detach()
    {
        base.Detach();
        LinuxMemory.Close(_descriptor);
        _descriptor = -1;
    }

    public override void RemoveName()
    {
        if (Entry is not { } entry)
            return;

        Entry = null;
        LinuxSharedNames.Remove(entry);
    }

    protected override void Unmap(byte* start)
    {
        LinuxMemory.Unmap(start, Length);
        if (_use == SegmentUse.Consume)
            LinuxMemory.FreePages(_descriptor, Length);
        if (_descriptor >= 0)
            LinuxMemory.Close(_descriptor);
    }
}
