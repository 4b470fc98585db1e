using Samovar.Executors.Mapping;

namespace Samovar.Tests.Executors.Mapping;

public sealed class AsyncSignalTests
{
    private readonly AsyncSignal _signal = new();

    [ThreadFact]
    public async Task A_signal_without_a_waiter_is_kept_once()
    {
        _signal.Set();
        _signal.Set();
        _signal.WaitAsync().AsTask().IsCompleted.ShouldBeTrue();
        var waiting = _signal.WaitAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        _signal.Set();
        await waiting;
    }

    [ThreadFact]
    public async Task No_signal_is_lost_between_many_signallers_and_the_waiter()
    {
        const int Signallers = 3, Each = 20_000;
        int done = 0;
        var signalling = Enumerable.Range(0, Signallers).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                Interlocked.Increment(ref done);
                _signal.Set();
            }
        })).ToList();
        while (Volatile.Read(ref done) < Signallers * Each) await _signal.WaitAsync();
        await Task.WhenAll(signalling);
    }

    [ThreadFact]
    public async Task The_waiter_continues_on_the_thread_pool()
    {
        var thread = GoOnAsync();
        var signaller = new Thread(_signal.Set) { IsBackground = true };
        signaller.Start();
        (await thread).ShouldNotBeSameAs(signaller);

        async Task<Thread> GoOnAsync()
        {
            await _signal.WaitAsync().ConfigureAwait(false);
            return Thread.CurrentThread;
        }
    }
}
