using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>Registers this process as a user of a shared object, and watches the other users.</summary>
/// <remarks>
/// <list type="number">
/// <item>A process that joins takes a slot and wakes all waiters before it does anything else with the object. A waiter calls <see cref="Watch"/>
/// before it sleeps, and so watches every process whose death could leave it asleep.</item>
/// <item>When a process dies, each process that watches it calls the object's repair, on the watch's thread, and wakes all waiters. Several processes
/// may repair at once: a repair consists of steps that each succeed once, and its last step returns the slot.</item>
/// <item>A process that does not wait watches no other process. When it finds something blocked by another process, it calls
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

    /// <param name="table">The processes that use the object.</param>
    /// <param name="kind">How the memory is shared, which determines how the exit of processes is detected.</param>
    /// <param name="memory">Keeps the table mapped.</param>
    /// <param name="repair">Repairs what a dead process left in its slot and elsewhere. It does not return the slot.</param>
    /// <param name="left">Called after the slot of a dead process was returned.</param>
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

    /// <summary>The error of a repair that failed because the memory contains what no correct process writes; otherwise null.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Adds a signal whose waiters are woken when a process joins or dies. Signals created with this registration add themselves.</summary>
    public void Add(SharedSignal signal)
    {
        lock (_gate) _signals.Add(signal);
        signal.WakeAllRegardless(); // sleepers have to watch this process from now on
    }

    /// <summary>Called before sleeping: watches the processes that have joined since the last call. Without new processes, it costs one
    /// read.</summary>
    /// <exception cref="IOException">No descriptor is available.</exception>
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

    /// <summary>Repairs what dead processes left.</summary>
    /// <returns>Whether a dead process was found.</returns>
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

    /// <summary>Returns the slot; Thread.Interrupt does not prevent that. The object has cleared its own bytes in the slot.</summary>
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
        Debug.Assert(!_isDisposed || _watched.Count == 0, "a process that has left watches no process");
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
            Volatile.Write(ref _failure, e); // thrown to the next user of the object
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
