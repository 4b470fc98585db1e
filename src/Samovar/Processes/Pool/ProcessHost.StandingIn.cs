using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <content>A caller that blocks for a tiny task reads the answers itself, while the draining thread sleeps: the round trip then
/// takes no wake-up at all.</content>
/// <remarks>
/// <list type="number">
/// <item>Whoever reads answers holds <see cref="_turn"/>: the draining thread while it serves, or one caller that stands in for it.
/// The draining thread blocks for it; a caller never does.</item>
/// <item>A caller stands in only while the draining thread sleeps, for <see cref="SpinPolicy.WatchedSpin"/> at most, and only where
/// it has paid lately. It reads answers; starts, ends and deaths stay the draining thread's.</item>
/// <item>What is sent next tells its worker not to sleep at once, so that both sides look, and nobody sleeps.</item>
/// </list>
/// </remarks>
internal sealed partial class ProcessHost
{
    /// <summary>A window as large as this means tasks of less than about 20 µs.</summary>
    private const int TinyTasksWindow = 50;

    private readonly Lock _turn = new();
    private readonly Func<bool> _hasAnswers;
    private WaitCredit _credit = new(); // turn
    private bool _isInterrupted; // turn: the caller's thread was to be woken from a wait, and has not been
    private bool _hasFinished; // turn: the bell is unmapped
    private bool _isWatched; // gate: somebody waits without sleeping

    public override bool TryFinishHere(Future future)
    {
        if (Volatile.Read(ref _windowSize) < TinyTasksWindow || Environment.ProcessorCount < 2) return false;
        if (_turn.IsHeldByCurrentThread || !_turn.TryEnter()) return false; // held: what is being decoded waits for this executor
        try
        {
            if (_hasFinished || !_credit.TrySpend() || !_bell!.Sleeper.TryStandIn()) return false;
            try
            {
                bool hasEnded = ReadUntilEnded(future);
                _credit.Settle(hasEnded);
                return hasEnded;
            }
            finally
            {
                _bell.Sleeper.EndStandIn(_hasAnswers);
            }
        }
        catch (Exception error)
        {
            // As on the draining thread: a fault of Samovar's own, which ends every future of the executor.
            Collapse(error);
            return future.IsCompleted;
        }
        finally
        {
            bool wasInterrupted = _isInterrupted;
            _isInterrupted = false;
            _turn.Exit();
            if (wasInterrupted) Thread.CurrentThread.Interrupt(); // for the caller's next wait, which it was meant for
        }
    }

    /// <remarks>On a timer's thread, which waits for its turn as the draining thread does: the result may be among those that are read now.</remarks>
    public override bool HasEndedInTime(Future future)
    {
        if (future.HostItem is not Shipment shipment || _turn.IsHeldByCurrentThread) return false;
        try
        {
            lock (_turn)
            {
                if (_hasFinished || shipment.Link is not { State: not WorkerLinkState.Gone } link) return future.IsCompleted;
                while (link.Holds(shipment, shipment.Ticket) && link.Channel.Results.HasRecord && ReadInPassing(link))
                    continue;
                return !link.Holds(shipment, shipment.Ticket);
            }
        }
        catch (Exception error)
        {
            // As on the draining thread.
            Collapse(error);
            return future.IsCompleted;
        }
    }

    private bool ReadUntilEnded(Future future)
    {
        EnterGate();
        _isWatched = true;
        _gate.Exit();
        long start = Stopwatch.GetTimestamp();
        do
        {
            foreach (var link in Volatile.Read(ref _links)) ReadInPassing(link);
            if (future.IsCompleted) return true;
            Thread.SpinWait(1);
        }
        while (Stopwatch.GetElapsedTime(start) < SpinPolicy.WatchedSpin);

        return false;
    }

    /// <summary>False: there was nothing to read, or nothing that can be.</summary>
    private bool ReadInPassing(WorkerLink link)
    {
        if (link.State is not (WorkerLinkState.Ready or WorkerLinkState.Retiring) || link.Verdict is not null || !link.Channel.Results.HasRecord) return false;
        try
        {
            return TakeAnswers(link);
        }
        catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException or OutOfMemoryException)
        {
            link.Distrust($"what it wrote cannot be read: {error.Message}");
            _bell!.Interrupt(); // it is the draining thread that kills and buries
            return false;
        }
        catch (ThreadInterruptedException)
        {
            // In the middle of an answer, which nobody can read again. Not lost: it is passed on to the caller's next wait.
            _isInterrupted = true;
            link.Distrust("the thread that read its answers was interrupted");
            _bell!.Interrupt();
            return false;
        }
    }

    /// <summary>Takes the gate, for whoever has the turn: it may be a caller's thread, which somebody interrupts
    /// (<see cref="Thread.Interrupt"/>) and which must go on all the same. It is interrupted again when it has left.</summary>
    private void EnterGate()
    {
        while (true)
        {
            try
            {
                _gate.Enter();
                return;
            }
            catch (ThreadInterruptedException)
            {
                _isInterrupted = Thread.CurrentThread != _thread; // remembered for the caller; the draining thread has none
            }
        }
    }

    private TaskTraits TakeWakefulnessUnderGate()
    {
        if (!_isWatched) return TaskTraits.None;
        _isWatched = false;
        return TaskTraits.StaysAwake;
    }
}
