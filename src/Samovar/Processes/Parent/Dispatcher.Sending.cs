using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <content>How tasks are written into rings.</content>
internal sealed partial class Dispatcher
{
    /// <summary>Sends tasks from the queue while the worker has room.</summary>
    public void SendQueuedLocked(WorkerHandle worker, ref PendingWakeups wakeups)
    {
        if (worker.Waiting is not null) Kept.SendLocked(worker, ref wakeups);
        while (worker.State == WorkerPhase.Ready && worker.Out < RoomOfLocked(worker) && _queue.TakeFirst() is { } future)
        {
            var task = future.TaskState as SerializedTask; // null if it has just completed
            var outcome = task is null ? SendOutcome.Over : SendLocked(worker, task, ref wakeups);
            if (outcome == SendOutcome.NoRoom)
            {
                _queue.Prepend(future);
                return;
            }

            _room?.GiveBack();
            if (outcome == SendOutcome.Over && task?.Refusal is not null) _refused.Add(task);
        }
    }

    /// <summary>Sends tasks from the queue to every worker that has room.</summary>
    public void SendQueuedToAllLocked(ref PendingWakeups wakeups)
    {
        foreach (var worker in _ready.ToArray()) SendQueuedLocked(worker, ref wakeups); // a worker that is sent its last task leaves the list
        CheckInvariants();
    }

    /// <summary>Frees the slots of tasks that have a result, adjusts the window to how long they took, and sends more tasks.</summary>
    public void SettleResultsLocked(WorkerHandle worker, ref PendingWakeups wakeups)
    {
        int count = worker.FinishedTickets.Count;
        foreach (var ticket in worker.FinishedTickets) worker.Channel.Slots.Free(ticket);
        worker.Out -= count;
        worker.LastResultAt = Stopwatch.GetTimestamp();
        _window.Learn(count, worker.FinishedElapsed, worker.Channel.Slots.FreeCount + worker.Out);
        Volatile.Write(ref _windowSize, _window.Size);
        if (worker.Out == 0) _supervisor.NoteIdleLocked(worker);
        ReclaimLocked(worker);
        SendQueuedLocked(worker, ref wakeups);
        CheckInvariants();
    }

    /// <summary>Reclaims the memory that the worker has read. If the worker has overwritten a position, it is killed, but the results of this turn
    /// are kept.</summary>
    private static void ReclaimLocked(WorkerHandle worker)
    {
        try
        {
            worker.Channel.LargeWork.Reclaim();
        }
        catch (ChannelCorruptedException error)
        {
            worker.MarkCorrupted(error.Message); // it is killed after this turn
        }
    }

    /// <summary>Returns the worker to send to: an idle one, otherwise the one with the fewest tasks; null if no worker has room.</summary>
    private WorkerHandle? PickLocked()
    {
        WorkerHandle? best = null;
        int count = _ready.Count;
        for (int i = 0; i < count; i++)
        {
            // The last one first: its caches are warm, and it may still be awake.
            if (i > 0) _next++;
            if (_next >= count) _next = 0;
            var worker = _ready[_next];
            if (worker.Out == 0) return worker;
            if (worker.Out < RoomOfLocked(worker) && (best is null || worker.Out < best.Out)) best = worker;
        }

        return best;
    }

    /// <summary>Returns how many tasks a worker may have.</summary>
    public int RoomOfLocked(WorkerHandle worker)
    {
        int window = _sendsOneByOne ? 1 : _window.Size;
        if (_tasksPerWorker is not { } limit) return window;
        return (int)Math.Min(window, worker.Out + limit - worker.Given);
    }

    /// <summary>Sends a task to a worker that has room for it.</summary>
    public SendOutcome SendLocked(WorkerHandle worker, SerializedTask task, ref PendingWakeups wakeups)
    {
        try
        {
            if (task.Body is not { } body) return SendOutcome.Over;
            var slots = worker.Channel.Slots;
            if (slots.FreeCount == 0) return SendOutcome.NoRoom;
            if (task.Work is { } shared) _control.SendSharedWorkLocked(worker, shared, ref wakeups);
            worker.Define(_writer, task.DefinitionsNeeded);
            if (!worker.TryFlush()) return SendOutcome.NoRoom;

            string name = TaskSerializer.NameOf(task.Future);
            var outcome = WriteLocked(worker, task, name, body);
            if (outcome != SendOutcome.Sent) return outcome;
            foreach (var message in task.Ports?.TakeAll() ?? []) _control.SendLiveLocked(worker, message);
            wakeups.Add(worker);
            if (_sleepsForGood)
            {
                _sleepsForGood = false;
                _pump.Wake();
            }

            if (worker.Given == _tasksPerWorker)
            {
                worker.ExitReason ??= WorkerExitReason.Recycled;
                _supervisor.RetireLocked(worker);
            }

            return SendOutcome.Sent;
        }
        catch (ChannelCorruptedException error)
        {
            MarkCorruptedLocked(worker, error.Message);
            return SendOutcome.NoRoom;
        }
        catch (Exception error) when (error is IOException or OutOfMemoryException)
        {
            task.Refusal = error; // only this task fails: no worker has memory for it
            return SendOutcome.Over;
        }
    }

    private SendOutcome WriteLocked(WorkerHandle worker, SerializedTask task, string name, byte[] body)
    {
        var work = worker.Channel.Work;
        string resources = task.Future.Options is { RequiredAmounts: null, Granted: null } ? "" : SentResources.TextOf(task.Future);
        int length = task.LengthOf(name, body, resources);
        if (!work.TryReserve(length, out var place)) return SendOutcome.NoRoom;
        if (!worker.TryTakeSlot(task))
        {
            work.Abort();
            return SendOutcome.Over;
        }

        task.Compose(place, name, body, resources, TakeSpinHintLocked());
        work.Commit(length, (ushort)RecordTag.Task);
        return SendOutcome.Sent;
    }

    /// <summary>Marks a worker as corrupted, and wakes the draining thread, which kills it.</summary>
    private void MarkCorruptedLocked(WorkerHandle worker, string reason)
    {
        worker.MarkCorrupted(reason);
        _pump.Wake();
    }
}
