using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Shared;

/// <summary>A shared object in transit: this process holds it until the receiver has it.</summary>
internal sealed class InFlightHandle(SharedReference reference, SharedHandle handle) : IDisposable
{
    public SharedHandle Handle => handle;

    public void Dispose() => reference.Dispose();
}
