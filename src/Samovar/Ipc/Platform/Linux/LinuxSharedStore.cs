using System.Runtime.Versioning;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Shared objects in anonymous memory files, which the kernel frees when the last process that holds them closes them or exits.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxSharedStore : SharedStore
{
    public override ChannelKind Kind => ChannelKind.Linux;

    public override SharedSegment Create(long length, long beyond, string? name, ChannelCookie cookie, Action<SharedSegment> layOut)
    {
        return name is null ? Make() : LinuxSharedNames.TryMake(name, Make) ?? throw Taken(name);

        MemfdSegment Make()
        {
            MemfdSegment segment = MemfdSegment.Create(length, beyond: beyond, name: name);
            try
            {
                layOut(segment);
                return segment;
            }
            catch
            {
                segment.Dispose();
                throw;
            }
        }
    }

    public override SharedSegment Open(in SharedHandle handle)
    {
        try
        {
            return MemfdSegment.OpenShared(handle.Address, handle.Length);
        }
        catch (IOException e) when (LinuxHolder.IsGone(handle.ProcessId, e))
        {
            throw new SharedObjectException(SharedObjectFault.NotFound,
                $"The shared object no longer exists: process {handle.ProcessId}, which sent it, has released it or exited. " +
                "Hold the object until the receiver has it.", e);
        }
        catch (IOException e) when (e is not (ChannelCorruptedException or SharedObjectException) && !LinuxMemory.IsOutOfDescriptors(e))
        {
            throw new SharedObjectException($"The shared object of process {handle.ProcessId} cannot be opened: {e.Message}", e);
        }
    }

    public override SharedSegment OpenNamed(string name) => LinuxSharedNames.Open(name) ?? throw NotFound(name);

    public override void Join(SharedSegment segment, string name) =>
        ((MemfdSegment)segment).Entry ??= LinuxSharedNames.Add(name, segment.AddressHere);
}
