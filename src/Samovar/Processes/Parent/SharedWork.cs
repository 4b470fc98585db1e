using System.Runtime.ExceptionServices;
using Samovar.Processes.Protocol;
using Samovar.Serialization.Wire;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>A delegate that many tasks call, as bytes: each worker gets it once, before the first task that calls it, and keeps what it has
/// read until it is told to forget it. What the tasks send besides continues its message, and refers to the objects in it.</summary>
/// <remarks>It is held by who shares it, and by each task that uses it from when that becomes bytes until it has ended. Whoever lets go last
/// frees it: no worker reads it any more, since a worker reads it for a task only.</remarks>
internal sealed class SharedWork(string executor, ControlSender control, int number) : ExecutorSharedWork
{
    private LargeBody? _large;
    private ExceptionDispatchInfo? _refusal;
    private int _holders = 1;

    /// <summary>Names it to workers; from 1, unique within the executor.</summary>
    public int Number => number;

    /// <summary>The record for a worker: <see cref="WorkHeader"/> and the delegate, or where it lies.</summary>
    public byte[] Record { get; private set; } = [];

    public int DefinitionsNeeded { get; private set; }

    /// <summary>The objects that the tasks' messages refer to.</summary>
    public IdentityTable? Known { get; private set; }

    /// <summary>The executor's ends of the live values in it; null for none.</summary>
    public LivePorts? Ports { get; private set; }

    /// <summary>It is written.</summary>
    public void Fill(byte[] record, LargeBody? large, int definitionsNeeded, IdentityTable known, LivePorts? ports)
    {
        Record = record;
        _large = large;
        DefinitionsNeeded = definitionsNeeded;
        Known = known;
        Ports = ports;
    }

    /// <summary>It cannot travel: each task that uses it is refused for that reason.</summary>
    public void Refuse(Exception refusal) => _refusal = ExceptionDispatchInfo.Capture(refusal);

    /// <summary>Holds it for a task.</summary>
    /// <exception cref="ObjectDisposedException">Nobody shares it any more.</exception>
    public void Hold()
    {
        _refusal?.Throw();
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders) return;
            holders = seen;
        }

        throw new ObjectDisposedException(executor, "The map that this work belongs to is over.");
    }

    /// <summary>A thread that cannot be ended may be reading it: its memory stays for good.</summary>
    public void LeaveBody() => Volatile.Write(ref _large, null);

    public override void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        Ports?.Close();
        Volatile.Read(ref _large)?.Dispose();
        if (Record.Length > 0) control.Forget(number);
    }
}
