using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>This process as one of those that use a shared object, and its watch over the others.</summary>
/// <remarks>
/// <list type="number">
/// <item>Who joins takes a slot and wakes all waiters, before it does anything else with the object. Who waits calls
/// <see cref="Watch"/> before it sleeps, and so watches everybody who could leave it asleep.</item>
/// <item>When a process dies, each that watches it calls the object's repair, on the watch's thread, and wakes all waiters. Repairs of
/// several processes meet: a repair is made of steps that each succeed once, and ends with giving back the slot.</item>
/// <item>A process that does not wait watches nobody. What it finds blocked by another it asks after with
/// <see cref="RepairDead"/>.</item>
/// </list>
/// </remarks>
internal sealed class ProcessRegistration : IDisposable
{
    private readonly Lock _gate = new();
    private readonly object _memory;
    private readonly PeerWatch _watch;
    private readonly Action<int, ProcessIdentity> _repair;
    private readonly Action? _left;
    private readonly List<SharedSignal> _signals = [];
    private readonly Dictionary<(int Index, ProcessIdentity Process), IDisposable> _watched = [];
    private uint _joinsSeen;
    private bool _isDisposed;
    private Exception? _failure;

    /// <param name="table">Who uses the object.</param>
    /// <param name="kind">How its memory is shared, and with it how the ends of processes are noticed.</param>
    /// <param name="memory">What keeps the table mapped.</param>
    /// <param name="repair">Brings into order what a dead process left in its slot and elsewhere. It does not give the slot back.</param>
    /// <param name="left">Called when the slot of a dead process was given back.</param>
    public ProcessRegistration(ProcessTable table, ChannelKind kind, object memory, Action<int, ProcessIdentity>? repair = null, Action? left = null)
    {
        _left = left;
        _memory = memory;
        _repair = repair ?? (static (_, _) => { });
        _watch = PeerWatch.Of(kind);
        Table = table;
        Index = Join();
    }

    public ProcessTable Table { get; }

    /// <summary>This process's slot.</summary>
    public int Index { get; }

    /// <summary>A repair that failed, because the memory holds what no sound process writes; null for none.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Adds a signal whose waiters are woken when a process joins or dies. Those made with this registration are added.</summary>
    public void Add(SharedSignal signal)
    {
        lock (_gate) _signals.Add(signal);
        signal.WakeAllRegardless(); // those who sleep already are to watch this process
    }

    /// <summary>Before sleeping: watches whoever has joined since the last time. Costs one look where nobody has.</summary>
    /// <exception cref="IOException">No descriptor is left.</exception>
    public void Watch()
    {
        if (Volatile.Read(ref _joinsSeen) == Table.Joins) return;
        lock (_gate)
        {
            if (_isDisposed) return;
            uint joins = Table.Joins;
            for (int i = 0; i < Table.Capacity; i++)
            {
                if (i != Index && Table[i] is { } process && !_watched.ContainsKey((i, process)))
                {
                    int index = i;
                    _watched.Add((i, process), _watch.Watch(process, () => Died(index, process)));
                }
            }

            Volatile.Write(ref _joinsSeen, joins);
            CheckInvariantsLocked();
        }
    }

    /// <summary>Repairs what processes left that are dead now.</summary>
    /// <returns>Whether there was any.</returns>
    public bool RepairDead()
    {
        bool any = false;
        for (int i = 0; i < Table.Capacity; i++)
        {
            if (i != Index && Table[i] is { IsAlive: false } process)
            {
                Died(i, process);
                any = true;
            }
        }

        return any;
    }

    /// <summary>Leaves: gives the slot back, also on a thread that is interrupted. The object has cleared its own bytes of it.</summary>
    public void Dispose()
    {
        IDisposable[] watched;
        using (_gate.HoldRegardless())
        {
            _isDisposed = true;
            watched = [.. _watched.Values];
            _watched.Clear();
            CheckInvariantsLocked();
        }

        foreach (IDisposable watch in watched) watch.Dispose();
        Table.TryLeave(Index, ProcessIdentity.Own);
    }

    private int Join()
    {
        try
        {
            return Table.Join(ProcessIdentity.Own);
        }
        catch (SharedObjectException) when (RepairDead())
        {
            return Table.Join(ProcessIdentity.Own);
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_isDisposed || _watched.Count == 0, "who has left watches nobody");
        Debug.Assert(!_watched.ContainsKey((Index, ProcessIdentity.Own)), "no process watches itself");
    }

    private void Died(int index, ProcessIdentity process)
    {
        try
        {
            _repair(index, process);
            Table.TryLeave(index, process);
            _left?.Invoke();
        }
        catch (ChannelCorruptedException e)
        {
            Volatile.Write(ref _failure, e); // told to whoever uses the object next
        }

        SharedSignal[] signals;
        lock (_gate)
        {
            _watched.Remove((index, process));
            signals = [.. _signals];
        }

        foreach (SharedSignal signal in signals) signal.WakeAllRegardless();
        GC.KeepAlive(_memory);
    }
}
