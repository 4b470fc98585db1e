using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;
using Samovar.Serialization;

namespace Samovar.Tests.Ipc.Shared;

/// <summary>A bare shared object, for tests of what all kinds stand on.</summary>
[ShipWith(typeof(Codec))]
internal sealed unsafe class SharedPlace : IDisposable
{
    private readonly SharedReference _reference;
    private readonly Lazy<ProcessRegistration> _registration;
    private readonly Lazy<SharedSignal> _signal;
    private int _dead;

    public SharedPlace(int processSlots = 8)
        : this(SharedReference.Create(new SharedFormat { Kind = SharedKind.Event, ProcessSlots = processSlots, Capacity = 1, DataLength = 256 })) =>
        _ = Signal;

    private SharedPlace(SharedReference reference)
    {
        _reference = reference;
        _registration = new Lazy<ProcessRegistration>(() => Region.Join((_, process) => Volatile.Write(ref _dead, process.Id)));
        _signal = new Lazy<SharedSignal>(() => new SharedSignal((uint*)Region.Data, WaitPlatform.Of(Region.Kind), _registration.Value));
    }

    public SharedSignal Signal => _signal.Value;

    public int RegisteredProcesses => Enumerable.Range(0, Region.Format.ProcessSlots).Count(i => _registration.Value.Table[i] is not null);

    public int Dead => Volatile.Read(ref _dead);

    public int Item
    {
        get => Volatile.Read(ref *(int*)(Region.Data + 128));
        set => Volatile.Write(ref *(int*)(Region.Data + 128), value);
    }

    public int Answer
    {
        get => Volatile.Read(ref *(int*)(Region.Data + 132));
        set => Volatile.Write(ref *(int*)(Region.Data + 132), value);
    }

    private SharedRegion Region => _reference.Region;

    public void WaitForADeath() =>
        Signal.Wait(this, static place => place.Dead != 0 && place.RegisteredProcesses == 1, Timeout.InfiniteTimeSpan, CancellationToken.None);

    /// <summary>Waits for 1, says so, and waits for what never comes.</summary>
    public void WaitForItem()
    {
        Signal.Wait(this, static place => place.Item == 1, Timeout.InfiniteTimeSpan, CancellationToken.None);
        Answer = 1;
        Signal.Wait(this, static place => place.Item == 2, Timeout.InfiniteTimeSpan, CancellationToken.None);
    }

    public string JoinOnce()
    {
        try
        {
            _registration.Value.Dispose();
            return "joined";
        }
        catch (SharedObjectException error)
        {
            return error.Message;
        }
    }

    public void Dispose()
    {
        Signal.Close();
        _registration.Value.Dispose();
        _reference.Dispose();
    }

    private sealed class Codec : SharedCodec<SharedPlace>
    {
        protected override SharedFormat Format { get; } = new() { Kind = SharedKind.Event };

        protected override SharedReference ReferenceOf(SharedPlace value) => value._reference;

        protected override SharedPlace Make(SharedReference made) => new(made);
    }
}
