using System.Diagnostics;

namespace Samovar.Processes.Parent;

/// <content>What the draining thread has done before it sleeps: what waits is sent, and tasks move from loaded workers to idle ones.</content>
internal sealed partial class Dispatcher
{
    /// <summary>A worker that has brought a result more recently keeps its work: it will have done it before it could be moved.</summary>
    private static readonly long s_stall = Stopwatch.Frequency / 5_000; // 200 µs

    /// <summary>Bounds the sleep while work is under way: against a worker that was stopped just before it would have rung.</summary>
    private static readonly TimeSpan s_longSleep = TimeSpan.FromMilliseconds(100);

    /// <summary>While tiny tasks are under way, whose worker does not ring for each, or while there is work to be moved.</summary>
    private static readonly TimeSpan s_shortSleep = TimeSpan.FromMilliseconds(1);

    /// <summary>How often the draining thread looks again before it sleeps until it is woken.</summary>
    private const int IdleTurns = 10;

    /// <summary>Drain: sends what can be sent, and says how long to sleep at most.</summary>
    public TimeSpan SendBeforeSleep()
    {
        var ringing = default(Ringing);
        TimeSpan sleep;
        lock (_gate)
        {
            _control.SendForgottenLocked(ref ringing);
            bool isBusy = _supervisor.IsEndingLocked;
            bool isWaiting = false;
            foreach (var link in _supervisor.Links)
            {
                if (link.Overflow.Count > 0 && link.State is not (WorkerLinkState.Starting or WorkerLinkState.Gone))
                {
                    ControlSender.FlushLocked(link, ref ringing);
                    isWaiting |= link.Overflow.Count > 0;
                }

                if (link.Out > 0) _watchdog.RequestKillIfStuckLocked(link);
                else _control.SendMissingDefinitionsLocked(link, ref ringing);
                isBusy |= link.Out > 0 || link.State is not (WorkerLinkState.Ready or WorkerLinkState.Spare);
            }

            if (_lanes.Count > 0)
            {
                foreach (var link in _ready.ToArray())
                {
                    SendQueuedLocked(link, ref ringing);
                    isWaiting |= _lanes.Count > 0 && link.Out < RoomOf(link); // its ring is full of what it will pass over
                }
            }
            else if (_window.Size > 1 || _ready.Exists(static l => l.Out > 1))
            {
                RebalanceLocked(ref ringing);
                isWaiting |= _ready.Exists(static l => l.Out > 0);
            }

            // For a while after the last task the sleep stays bounded, so that the next submitter need not wake this thread.
            _idleTurns = isBusy || isWaiting ? 0 : _idleTurns + 1;
            _sleepsForGood = _idleTurns > IdleTurns;
            sleep = isWaiting ? s_shortSleep : _sleepsForGood ? Timeout.InfiniteTimeSpan : s_longSleep;
            CheckInvariants();
        }

        ringing.Ring();
        return sleep;
    }

    /// <summary>Gives an idle worker half of what a stalled one has not begun; the latest goes, since the earliest is next there.</summary>
    private void RebalanceLocked(ref Ringing ringing)
    {
        long now = Stopwatch.GetTimestamp();
        foreach (var idle in _ready.ToArray())
        {
            if (idle.Out > 0) continue;
            WorkerLink? loaded = null;
            foreach (var link in _ready)
            {
                if (link.Out > 1 && now - link.LastAnswer > s_stall && (loaded is null || link.Out > loaded.Out)) loaded = link;
            }

            if (loaded is null) return;
            var unanswered = loaded.Unanswered();
            int wanted = Math.Min(unanswered.Count / 2, RoomOf(idle));
            for (int i = unanswered.Count - 1; i >= 0 && wanted > 0; i--)
            {
                if (!TryRevokeLocked(loaded, unanswered[i])) continue;
                wanted--;
                var outcome = SendLocked(idle, unanswered[i], ref ringing);
                if (outcome == SendOutcome.NoRoom)
                {
                    _lanes.Prepend(unanswered[i].Future);
                    _room?.TakeRegardless();
                    break;
                }

                if (outcome == SendOutcome.Over && unanswered[i].Refusal is not null) _refused.Add(unanswered[i]);
            }
        }
    }
}
