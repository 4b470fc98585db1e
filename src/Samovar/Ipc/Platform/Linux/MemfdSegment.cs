using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Anonymous memory behind a descriptor: it has no name that could leak, and is freed with the last process that holds it.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class MemfdSegment : SharedSegment
{
    private int _descriptor;
    private readonly SegmentUse _use;

    private MemfdSegment(
        int descriptor, byte* start, long length, SegmentAddress address, SegmentUse use, bool isReadOnlyToOthers = false, long beyond = 0)
        : base(start, length, address)
    {
        _descriptor = descriptor;
        Beyond = beyond;
        File = beyond > 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null; // protects its users from a reused descriptor
        _use = use;
        IsReadOnlyToOthers = isReadOnlyToOthers;
    }

    public override SegmentAddress AddressHere => new(Environment.ProcessId, _descriptor);

    public override bool IsReadOnlyToOthers { get; }

    public override long Beyond { get; }

    public override long InUse => LinuxMemory.BytesInUse(_descriptor);

    public override SafeFileHandle? File { get; }

    public static MemfdSegment Create(long length, bool forReaders = false, long beyond = 0, string? name = null)
    {
        int descriptor = LinuxMemory.CreateMemfd(name is null ? "samovar" : LinuxNamedMemory.MemfdOf(name));
        try
        {
            LinuxMemory.SetLength(descriptor, checked(length + beyond));
            byte* start = LinuxMemory.Map(descriptor, length); // mappings created before the seals stay writable
            try
            {
                bool isReadOnlyToOthers = LinuxMemory.Seal(descriptor, forReaders);
                return new MemfdSegment(
                    descriptor, start, length, new SegmentAddress(Environment.ProcessId, descriptor), SegmentUse.Share, isReadOnlyToOthers, beyond);
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

    /// <summary>Opens a shared object of this user.</summary>
    /// <param name="address">The address.</param>
    /// <param name="length">How much of the file to map; null to use the length in its header.</param>
    public static MemfdSegment OpenShared(SegmentAddress address, long? length = null)
    {
        int descriptor = LinuxMemory.Open($"/proc/{address.OwnerId}/fd/{address.Number}");
        try
        {
            if (!LinuxMemory.IsSealed(descriptor) || LinuxMemory.OwnerOf(descriptor) != LinuxMemory.UserId)
                throw new ChannelCorruptedException($"Descriptor {address.Number} of process {address.OwnerId} is not a sealed memory file of this user.");
            using var file = new SafeFileHandle(descriptor, ownsHandle: false);
            long mapped = length ?? SharedHeader.LengthToMap(file);
            long beyond = LinuxMemory.Length(descriptor) - mapped;
            if (beyond < 0)
                throw new ChannelCorruptedException($"Descriptor {address.Number} of process {address.OwnerId} is not a memory file of at least {mapped} bytes.");
            return new MemfdSegment(descriptor, LinuxMemory.Map(descriptor, mapped), mapped, address, SegmentUse.Share, beyond: beyond);
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
        Close();
    }

    public override void RemoveName()
    {
        if (Entry is not { } entry) return;

        Entry = null;
        LinuxSharedNames.Remove(entry);
    }

    protected override void Unmap(byte* start)
    {
        LinuxMemory.Unmap(start, Length);
        if (_use == SegmentUse.Consume) LinuxMemory.FreePages(_descriptor, Length);
        Close();
    }

    private void Close()
    {
        if (File is not null) File.Dispose();
        else if (_descriptor >= 0) LinuxMemory.Close(_descriptor);
        _descriptor = -1;
    }
}
