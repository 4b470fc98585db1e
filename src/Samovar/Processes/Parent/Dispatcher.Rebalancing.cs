using System.Diagnostics;

namespace Samovar.Processes.Parent;

/// <content>What the draining thread does before it sleeps: it sends queued tasks, and moves tasks from loaded workers to idle ones.</content>
internal sealed partial class Dispatcher
{
    /// <summary>A worker that has returned a result within this time keeps its tasks: it would finish them before they could be moved.</summary>
    private static readonly long s_stall = Stopwatch.Frequency / 5_000; // 200 µs

    /// <summary>The longest sleep while tasks are in flight, in case a worker was stopped just before it would have rung the bell.</summary>
    private static readonly TimeSpan s_longSleep = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest sleep while tiny tasks are in flight, for which a worker does not ring each time, or while there are tasks to
    /// move.</summary>
    private static readonly TimeSpan s_shortSleep = TimeSpan.FromMilliseconds(1);

    /// <summary>How many bounded sleeps without work the draining thread does before it sleeps until it is woken.</summary>
    private const int IdleTurns = 10;

    /// <summary>Drain: sends what can be sent, and returns how long the draining thread may sleep at most.</summary>
    public TimeSpan SendBeforeSleep()
    {
        var wakeups = default(PendingWakeups);
        TimeSpan sleep;
        lock (_gate)
        {
            _control.SendForgottenLocked(ref wakeups);
            bool isBusy = _supervisor.IsEndingLocked;
            bool isWaiting = false;
            foreach (var worker in _supervisor.Handles)
            {
                if (worker.Overflow.Count > 0 && worker.State is not (WorkerPhase.Starting or WorkerPhase.Gone))
                {
                    ControlSender.FlushLocked(worker, ref wakeups);
                    isWaiting |= worker.Overflow.Count > 0;
                }

                if (worker.Out > 0) _watchdog.RequestKillIfStuckLocked(worker);
                else _control.SendMissingDefinitionsLocked(worker, ref wakeups);
                isWaiting |= Kept.TrySendLocked(worker, ref wakeups);
                isBusy |= worker.Out > 0 || worker.State is not (WorkerPhase.Ready or WorkerPhase.Spare);
            }

            if (_queue.Count > 0)
            {
                foreach (var worker in _ready.ToArray())
                {
                    SendQueuedLocked(worker, ref wakeups);
                    isWaiting |= _queue.Count > 0 && worker.Out < RoomOfLocked(worker); // its ring is full of revoked tasks, which it will skip
                }
            }
            else if (_window.Size > 1 || _ready.Exists(static l => l.Out > 1))
            {
                RebalanceLocked(ref wakeups);
                isWaiting |= _ready.Exists(static l => l.Out > 0);
            }

            // For a while after the last task the sleep stays bounded, so that the next submitter need not wake this thread.
            _idleTurns = isBusy || isWaiting ? 0 : _idleTurns + 1;
            _sleepsForGood = _idleTurns > IdleTurns;
            sleep = isWaiting ? s_shortSleep : _sleepsForGood ? Timeout.InfiniteTimeSpan : s_longSleep;
            CheckInvariants();
        }

        wakeups.Ring();
        return sleep;
    }

    /// <summary>Moves half of the unstarted tasks of a stalled worker to an idle one, the latest first, because the stalled worker runs the
    /// earliest next.</summary>
    private void RebalanceLocked(ref PendingWakeups wakeups)
    {
        long now = Stopwatch.GetTimestamp();
        foreach (var idle in _ready.ToArray())
        {
            if (idle.Out > 0) continue;
            WorkerHandle? loaded = null;
            foreach (var worker in _ready)
            {
                if (worker.Out > 1 && now - worker.LastResultAt > s_stall && (loaded is null || worker.Out > loaded.Out)) loaded = worker;
            }

            if (loaded is null) return;
            var inFlight = loaded.InFlight();
            int wanted = Math.Min(inFlight.Count / 2, RoomOfLocked(idle));
            for (int i = inFlight.Count - 1; i >= 0 && wanted > 0; i--)
            {
                if (inFlight[i].Input is not null || !TryRevokeLocked(loaded, inFlight[i])) continue;
                wanted--;
                var outcome = SendLocked(idle, inFlight[i], ref wakeups);
                if (outcome == SendOutcome.NoRoom)
                {
                    _queue.Prepend(inFlight[i].Future);
                    _room?.TakeRegardless();
                    break;
                }

                if (outcome == SendOutcome.Over && inFlight[i].Refusal is not null) _refused.Add(inFlight[i]);
            }
        }
    }
}
