using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Ipc.Shared;

/// <summary>The live side of messages that carry shared objects and nothing else alive: what is sent is held until disposed.</summary>
internal sealed class InFlightHandles : LiveConnector, IDisposable
{
    private const string NoPorts =
        "This message carries shared objects, but nothing that talks to where it came from, such as a token or progress; pass that to a task.";

    private List<IDisposable>? _kept;

    /// <summary>For reading.</summary>
    public static InFlightHandles None { get; } = new();

    public int Count => _kept?.Count ?? 0;

    /// <summary>What is held, as the receiver needs it to hold it too.</summary>
    public IEnumerable<SharedHandle> Handles => (_kept ?? []).OfType<InFlightHandle>().Select(static kept => kept.Handle);

    public override void Keep(IDisposable resource) => (_kept ??= []).Add(resource);

    public override LivePort Open(LiveReceiver receive) => throw new NotSupportedException(NoPorts);

    public override LivePort Connect(long id, LiveReceiver receive) => throw new NotSupportedException(NoPorts);

    public void Dispose()
    {
        foreach (IDisposable resource in _kept ?? []) resource.Dispose();
        _kept = null;
    }
}
