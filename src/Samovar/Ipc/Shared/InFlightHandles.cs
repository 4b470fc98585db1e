using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Ipc.Shared;

/// <summary>The live side of messages that carry shared objects and no other live values: holds what is sent until it is disposed.</summary>
internal sealed class InFlightHandles : LiveConnector, IDisposable
{
    private const string NoPorts =
        "This message can carry shared objects, but no values that talk to their process, such as a token or progress. Pass those to a task.";

    private List<IDisposable>? _kept;

    /// <summary>The connector for reading.</summary>
    public static InFlightHandles None { get; } = new();

    public int Count => _kept?.Count ?? 0;

    /// <summary>The handles that are held, so that the receiver can hold the objects too.</summary>
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
