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
            _turn.Exit();
        }
    }

    private bool ReadUntilEnded(Future future)
    {
        lock (_gate) _isWatched = true;
        long start = Stopwatch.GetTimestamp();
        do
        {
            for (int look = 0; look < SpinPolicy.ShortSpinLooks; look++)
            {
                foreach (var link in Volatile.Read(ref _links)) ReadInPassing(link);
                if (future.IsCompleted) return true;
                Thread.SpinWait(1);
            }
        }
        while (Stopwatch.GetElapsedTime(start) < SpinPolicy.WatchedSpin);

        return false;
    }

    private void ReadInPassing(WorkerLink link)
    {
        if (link.State != WorkerLinkState.Ready || link.Verdict is not null || !link.Channel.Results.HasRecord) return;
        try
        {
            TakeAnswers(link);
        }
        catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException)
        {
            link.Distrust($"what it wrote cannot be read: {error.Message}");
            _bell!.Interrupt(); // it is the draining thread that kills and buries
        }
    }

    private TaskTraits TakeWakefulnessUnderGate()
    {
        if (!_isWatched) return TaskTraits.None;
        _isWatched = false;
        return TaskTraits.StaysAwake;
    }
}
