using System.Runtime.ExceptionServices;
using Samovar.Processes.Protocol;
using Samovar.Serialization.Wire;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>A serialized delegate that many tasks call: each worker gets it once, before the first task that calls it, and keeps the deserialized
/// objects until it is requested to forget them. The messages of the tasks continue its message and refer to the objects in it.</summary>
/// <remarks>It is held by its creator, and by each task that uses it from the serialization of the task until the task has completed. The last
/// holder frees it: no worker reads it any more, because a worker reads it only for a task.</remarks>
internal sealed class SharedWork(string executor, ControlSender control, int number) : ExecutorSharedWork
{
    private LargeBody? _large;
    private ExceptionDispatchInfo? _refusal;
    private int _holders = 1;

    /// <summary>The number that identifies the work to workers; from 1, unique within the executor.</summary>
    public int Number => number;

    /// <summary>The record for a worker: a <see cref="WorkHeader"/> and the delegate, or its <see cref="SegmentRecord"/>.</summary>
    public byte[] Record { get; private set; } = [];

    public int DefinitionsNeeded { get; private set; }

    /// <summary>The objects to which the messages of the tasks refer.</summary>
    public IdentityTable? Known { get; private set; }

    /// <summary>The executor's ends of the live values in the work; null if it has none.</summary>
    public LivePorts? Ports { get; private set; }

    /// <summary>Sets the serialized work.</summary>
    public void Fill(byte[] record, LargeBody? large, int definitionsNeeded, IdentityTable known, LivePorts? ports)
    {
        Record = record;
        _large = large;
        DefinitionsNeeded = definitionsNeeded;
        Known = known;
        Ports = ports;
    }

    /// <summary>Records that the work cannot be serialized: each task that uses it fails with this error.</summary>
    public void Refuse(Exception refusal) => _refusal = ExceptionDispatchInfo.Capture(refusal);

    public override void ThrowIfRefused() => _refusal?.Throw();

    /// <summary>Holds the work for a task.</summary>
    /// <exception cref="ObjectDisposedException">The last holder has released the work.</exception>
    public void Hold()
    {
        ThrowIfRefused();
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders) return;
            holders = seen;
        }

        throw new ObjectDisposedException(executor, "The map that this work belongs to has completed.");
    }

    /// <summary>Abandons the memory of the work, because a thread that cannot be stopped may be reading it.</summary>
    public void LeaveBody() => Volatile.Write(ref _large, null);

    public override void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        Ports?.Close();
        Volatile.Read(ref _large)?.Dispose();
        if (Record.Length > 0) control.Forget(number);
    }
}
