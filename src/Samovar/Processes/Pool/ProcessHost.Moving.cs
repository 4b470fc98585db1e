using System.Diagnostics;

namespace Samovar.Processes;

/// <content>What the draining thread does before it sleeps: sends what waits, and moves work from loaded workers to idle ones.</content>
internal sealed partial class ProcessHost
{
    /// <summary>A worker that has answered more recently keeps its work: it will have done it before it could be moved.</summary>
    private static readonly long s_stall = Stopwatch.Frequency / 5_000; // 200 µs

    /// <summary>A worker that has not begun any of what it has for so long is stopped (SIGSTOP, a debugger) or starved. Killing it
    /// loses nothing.</summary>
    private static readonly long s_stuck = Stopwatch.Frequency * 2;

    /// <summary>How often the draining thread looks again before it sleeps until it is woken.</summary>
    private const int IdleTurns = 10;

    private int _idleTurns; // drain
    private bool _sleepsForGood; // gate: the draining thread has to be told of work, to watch over it

    /// <summary>Sends what can be sent, and says how long to sleep at most.</summary>
    private TimeSpan SendAndSleep()
    {
        var ringing = default(Ringing);
        TimeSpan sleep;
        lock (_gate)
        {
            ForgetUnderGate(ref ringing);
            bool isBusy = _isEnding;
            bool isWaiting = false;
            foreach (var link in _links)
            {
                if (link.Overflow.Count > 0 && link.State is not (WorkerLinkState.Starting or WorkerLinkState.Gone))
                {
                    FlushUnderGate(link, ref ringing);
                    isWaiting |= link.Overflow.Count > 0;
                }

                if (link.Out > 0) CondemnIfStuckUnderGate(link);
                else TeachUnderGate(link, ref ringing);
                isBusy |= link.Out > 0 || link.State is not (WorkerLinkState.Ready or WorkerLinkState.Spare);
            }

            if (_lanes.Count > 0)
            {
                foreach (var link in _ready.ToArray())
                {
                    SendQueuedUnderGate(link, ref ringing);
                    isWaiting |= _lanes.Count > 0 && link.Out < RoomOf(link); // its ring is full of what it will pass over
                }
            }
            else if (_window.Size > 1 || _ready.Exists(static l => l.Out > 1))
            {
                MoveUnderGate(ref ringing);
                isWaiting |= _ready.Exists(static l => l.Out > 0);
            }

            // For a while after the last task the sleep stays bounded, so that whoever submits next need not wake this thread.
            _idleTurns = isBusy || isWaiting ? 0 : _idleTurns + 1;
            _sleepsForGood = _idleTurns > IdleTurns;
            sleep = isWaiting ? s_shortSleep : _sleepsForGood ? Timeout.InfiniteTimeSpan : s_longSleep;
        }

        ringing.Ring();
        FailRefused();
        return sleep;
    }

    /// <summary>An idle worker gets the definitions that others' tasks have needed: loading an assembly takes it milliseconds, which its first
    /// task, perhaps one that a dead worker had, need not wait for.</summary>
    private void TeachUnderGate(WorkerLink link, ref Ringing ringing)
    {
        int known = _writer.DefinitionCount;
        if (link.DefinitionsSent >= known || link.State is not (WorkerLinkState.Ready or WorkerLinkState.Spare)) return;
        try
        {
            link.Define(_writer, known);
            ringing.Add(link);
        }
        catch (Exception error) when (error is Ipc.ChannelCorruptedException or IOException)
        {
            link.Distrust(error.Message);
        }
    }

    private void CondemnIfStuckUnderGate(WorkerLink link)
    {
        if (link.Verdict is not null || Stopwatch.GetTimestamp() - link.LastAnswer < s_stuck) return;
        var unanswered = link.Unanswered();
        foreach (var shipment in unanswered)
        {
            if (!HasBegunUnderGate(link, shipment.Ticket)) continue;

            // It is at work. Its time counts from now at the latest, should the record that tells of the start never come.
            shipment.Future.TryStartSent(link.Identity, shipment.Attempt, BeganAt(link, shipment), hasEnded: false);
            return;
        }

        // It may begin at this very moment, so everything is won back first; a worker that keeps something is not stuck.
        for (int i = unanswered.Count - 1; i >= 0; i--)
        {
            if (!TryTakeBackUnderGate(link, unanswered[i])) return;
            RequeueUnderGate(unanswered[i]);
        }

        if (link.TryCondemn("it began none of the tasks it was sent for 2 s; it was stopped, or got no processor")) RetireUnderGate(link);
    }

    private static void FlushUnderGate(WorkerLink link, ref Ringing ringing)
    {
        try
        {
            link.TryFlush();
            ringing.Add(link);
        }
        catch (Exception error) when (error is Ipc.ChannelCorruptedException or IOException)
        {
            link.Distrust(error.Message);
        }
    }

    /// <summary>Gives an idle worker half of what a stalled one has not begun; the latest goes, since the earliest is next there.</summary>
    private void MoveUnderGate(ref Ringing ringing)
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
                if (!TryTakeBackUnderGate(loaded, unanswered[i])) continue;
                wanted--;
                var outcome = SendUnderGate(idle, unanswered[i], ref ringing);
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
