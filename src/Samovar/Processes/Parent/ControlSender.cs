using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>Sends workers everything that is not a task: definitions, work that many tasks share, messages of live values, and commands.</summary>
/// <remarks>Lock rule: the gate guards <see cref="_forgotten"/> and every work ring that this class writes to; all other fields are set once. A
/// method whose name ends in "Locked" is called under the gate and only records in <see cref="PendingWakeups"/> which workers to wake; its caller
/// rings after it has left the gate. The other methods enter the gate themselves, from any thread.</remarks>
internal sealed class ControlSender(Lock gate, ShippingWriter writer)
{
    private readonly Lock _gate = gate;
    private readonly ShippingWriter _writer = writer;
    private readonly List<int> _forgotten = []; // gate: shared work that workers must forget
    private WorkerSupervisor _supervisor = null!; // set by Connect, before the first task
    private ResultPump _pump = null!;

    public void Connect(WorkerSupervisor supervisor, ResultPump pump)
    {
        _supervisor = supervisor;
        _pump = pump;
    }

    /// <summary>Writes a record. If the ring of the worker is corrupted, requests that the worker is killed.</summary>
    public void TryWriteLocked(WorkerHandle worker, RecordTag tag, byte[] record, ref PendingWakeups wakeups)
    {
        try
        {
            worker.Write(tag, record);
            wakeups.Add(worker);
        }
        catch (Exception error) when (error is ChannelCorruptedException or IOException)
        {
            worker.MarkCorrupted(error.Message);
            _pump.Wake();
        }
    }

    /// <summary>Writes the records for which the ring had no room before.</summary>
    public static void FlushLocked(WorkerHandle worker, ref PendingWakeups wakeups)
    {
        try
        {
            worker.TryFlush();
            wakeups.Add(worker);
        }
        catch (Exception error) when (error is ChannelCorruptedException or IOException)
        {
            worker.MarkCorrupted(error.Message);
        }
    }

    /// <summary>Sends a worker that has started the messages that come before its first task.</summary>
    public void SendSetupLocked(WorkerHandle worker, byte[] setup, int definitionsNeeded, ref PendingWakeups wakeups)
    {
        worker.Define(_writer, definitionsNeeded);
        worker.Write(RecordTag.Setup, setup);
        wakeups.Add(worker);
    }

    /// <summary>Sends an idle worker the definitions that tasks of other workers needed: loading an assembly takes milliseconds, which its first
    /// task, possibly one of a worker that died, then need not wait for.</summary>
    public void SendMissingDefinitionsLocked(WorkerHandle worker, ref PendingWakeups wakeups)
    {
        int known = _writer.DefinitionCount;
        if (worker.DefinitionsSent >= known || worker.State is not (WorkerPhase.Ready or WorkerPhase.Spare)) return;
        try
        {
            worker.Define(_writer, known);
            wakeups.Add(worker);
        }
        catch (Exception error) when (error is ChannelCorruptedException or IOException)
        {
            worker.MarkCorrupted(error.Message);
        }
    }

    /// <summary>Sends the shared work of a task to a worker that does not have it yet.</summary>
    public void SendSharedWorkLocked(WorkerHandle worker, SharedWork work, ref PendingWakeups wakeups)
    {
        if (worker.Works.ContainsKey(work.Number)) return;
        worker.Define(_writer, work.DefinitionsNeeded);
        worker.Write(RecordTag.Work, work.Record);
        worker.Works.Add(work.Number, 0);
        if (work.Ports is { } ports) SendRestLocked(worker, work.Number, ports, ref wakeups);
    }

    /// <summary>Sends one message of a live value.</summary>
    public void SendLiveLocked(WorkerHandle worker, PackedRecord message)
    {
        try
        {
            worker.Define(_writer, message.DefinitionsNeeded);
            worker.Write(RecordTag.Live, message.Record);
        }
        catch (Exception error) when (error is ChannelCorruptedException or IOException)
        {
            worker.MarkCorrupted(error.Message);
            _pump.Wake();
        }
    }

    /// <summary>Sends the pending messages to the worker that currently has the task. If no worker has it, the messages are sent with the
    /// work.</summary>
    public void SendLive(SerializedTask task)
    {
        var wakeups = default(PendingWakeups);
        lock (_gate)
        {
            if (task.Worker is not { State: not WorkerPhase.Gone } worker || !worker.Holds(task, task.Ticket)) return;
            foreach (var message in task.Ports!.TakeRest()) SendLiveLocked(worker, message);
            wakeups.Add(worker);
        }

        wakeups.Ring();
    }

    /// <summary>Sends an answer to the worker that has sent a message. Dropped if the worker is gone.</summary>
    public void SendAnswer(WorkerHandle worker, PackedRecord answer)
    {
        var wakeups = default(PendingWakeups);
        lock (_gate)
        {
            if (worker.State == WorkerPhase.Gone) return;
            SendLiveLocked(worker, answer);
            wakeups.Add(worker);
        }

        wakeups.Ring();
    }

    /// <summary>Sends the messages of the live values in shared work to all workers that have it. Other workers get them with the work.</summary>
    public void SendLive(int work, LivePorts ports)
    {
        var wakeups = default(PendingWakeups);
        lock (_gate)
        {
            foreach (var worker in _supervisor.Handles)
            {
                if (worker.State != WorkerPhase.Gone && worker.Works.ContainsKey(work)) SendRestLocked(worker, work, ports, ref wakeups);
            }
        }

        wakeups.Ring();
    }

    /// <summary>Called when no task uses the shared work any more: workers are requested to forget it before the draining thread sleeps
    /// next.</summary>
    public void Forget(int work)
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                lock (_gate)
                {
                    if (_supervisor.IsEndingLocked || !_pump.HasBellLocked) break; // the workers exit, or none was ever started
                    _forgotten.Add(work);
                    CheckInvariants();
                    _pump.Wake();
                    break;
                }
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true; // a task completes on any thread: the interrupt is intended for that thread's next wait
            }
        }

        if (wasInterrupted) Thread.CurrentThread.Interrupt();
    }

    /// <summary>Requests the workers to forget the work that <see cref="Forget"/> recorded.</summary>
    public void SendForgottenLocked(ref PendingWakeups wakeups)
    {
        CheckInvariants();
        foreach (int work in _forgotten)
        {
            var record = new WorkHeader(work, default);
            foreach (var worker in _supervisor.Handles)
            {
                if (worker.State is WorkerPhase.Starting or WorkerPhase.Gone || !worker.Works.Remove(work)) continue;
                TryWriteLocked(worker, RecordTag.Forget, MemoryMarshal.AsBytes(new ReadOnlySpan<WorkHeader>(in record)).ToArray(), ref wakeups);
            }
        }

        _forgotten.Clear();
    }

    private void SendRestLocked(WorkerHandle worker, int work, LivePorts ports, ref PendingWakeups wakeups)
    {
        int had = worker.Works[work];
        foreach (var message in ports.TakeFrom(ref had)) SendLiveLocked(worker, message);
        worker.Works[work] = had;
        wakeups.Add(worker);
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the requests to forget");
        Debug.Assert(_forgotten.TrueForAll(static work => work > 0), "shared work is numbered from 1");
    }
}
