using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;
using Samovar.Tests.Ipc.Waiting;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Shared;

/// <summary>A wake-up that reaches an asynchronous wait which does not use it is passed to another sleeper at the same word.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class PassedOnWakeUpTests
{
    [ProcessFact]
    public async Task A_wake_up_for_an_asynchronous_wait_that_is_cancelled_meanwhile_is_passed_to_a_thread_that_sleeps()
    {
        using var tested = new SignalUnderTest(ChannelKind.Linux);
        using var source = new CancellationTokenSource();
        var canceled = tested.WaitAsync(token: source.Token);
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1); // first in line
        var other = TestSupport.OnOwnThread(() => tested.Wait());
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 2);
        await TestSupport.OnOwnThread(() =>
        {
            int own = Environment.CurrentManagedThreadId;
            SignalWord.StepReached = step =>
            {
                if (step == SignalStep.TurnAdvanced && Environment.CurrentManagedThreadId == own) source.Cancel(); // before the thread that waits for all is woken
            };
            try
            {
                tested.Put();
            }
            finally
            {
                SignalWord.StepReached = null;
            }
        });
        await other.WaitAsync(TestTimeout.Wait);
        await Should.ThrowAsync<OperationCanceledException>(() => canceled.WaitAsync(TestTimeout.Wait));
    }

    [ProcessFact]
    public async Task A_wake_up_that_the_last_asynchronous_wait_did_not_use_is_passed_to_a_thread_that_sleeps()
    {
        using var tested = new SignalUnderTest(ChannelKind.Linux, SpinPolicy.Never);
        using var source = new CancellationTokenSource();
        var canceled = tested.WaitAsync(token: source.Token);
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1); // first in line
        AsyncWaiter waiter = tested.Signal.AsyncWaiters[0];
        var other = TestSupport.OnOwnThread(() => tested.Wait());
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 2);
        Task? canceling = null;
        await TestSupport.OnOwnThread(() =>
        {
            int own = Environment.CurrentManagedThreadId;
            bool isPut = false;
            SignalWord.StepReached = step =>
            {
                if (step == SignalStep.TurnAdvanced && Environment.CurrentManagedThreadId == own) Volatile.Write(ref isPut, true);
                if (step != SignalStep.Announced || Thread.CurrentThread.Name != SignalThread.Name || !Volatile.Read(ref isPut) || canceling is not null) return;
                canceling = TestSupport.OnOwnThread(source.Cancel); // the thread that waits for all has been woken, and has not looked
                ((IAsyncResult)waiter.Task).AsyncWaitHandle.WaitOne(TestTimeout.Wait).ShouldBeTrue();
            };
            tested.Put();
        });
        try
        {
            await other.WaitAsync(TestTimeout.Wait);
        }
        finally
        {
            SignalWord.StepReached = null;
        }

        await source.CancelAsync();
        await (canceling ?? Task.CompletedTask).WaitAsync(TestTimeout.Wait);
        await Should.ThrowAsync<OperationCanceledException>(() => canceled.WaitAsync(TestTimeout.Wait));
    }

    [ProcessFact]
    public async Task A_wake_up_that_ends_the_last_asynchronous_wait_with_an_error_is_passed_to_a_thread_that_sleeps()
    {
        using var tested = new SignalUnderTest(ChannelKind.Linux, SpinPolicy.Never);
        var failing = tested.Signal.WaitAsync(tested, static t => t.Items > 0 ? throw new InvalidDataException("damaged") : false,
            Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).AsTask();
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1); // first in line
        var other = TestSupport.OnOwnThread(() => tested.Wait());
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 2);
        tested.Put();
        await other.WaitAsync(TestTimeout.Wait);
        tested.Put(); // where the first item woke the thread
        await Should.ThrowAsync<InvalidDataException>(() => failing.WaitAsync(TestTimeout.Wait));
    }

    [ProcessFact]
    public async Task A_wake_up_that_a_closing_process_has_not_looked_after_is_passed_to_another_that_sleeps()
    {
        using var memory = new LocalSegment(64);
        var platform = new HeldPlatform();
        var closing = SignalUnderTest.Many(memory, 1, platform)[0];
        var waiting = closing.WaitAsync(0, static _ => false, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).AsTask();
        await TestTimeout.UntilAsync(() => closing.AsyncWaiters.Count == 1 && platform.IsAsleep); // first in line
        var signal = SignalUnderTest.Many(memory, 1)[0]; // as another process has it
        int item = 0;
        var other = TestSupport.OnOwnThread(() => signal.Wait(0, _ => Volatile.Read(ref item) == 1, Timeout.InfiniteTimeSpan, CancellationToken.None));
        await TestTimeout.UntilAsync(() => signal.Waiters == 1);

        platform.Hold();
        Volatile.Write(ref item, 1);
        signal.WakeOne();
        await TestTimeout.UntilAsync(() => platform.IsHeld || other.IsCompleted);
        var closed = TestSupport.OnOwnThread(closing.Close);
        await Should.ThrowAsync<ObjectDisposedException>(() => waiting.WaitAsync(TestTimeout.Wait));
        platform.Release();
        await closed.WaitAsync(TestTimeout.Wait);
        await other.WaitAsync(TestTimeout.Wait);
        signal.Close();
    }

    /// <summary>Keeps the thread that sleeps for asynchronous waits where it is when it was woken.</summary>
    private sealed unsafe class HeldPlatform : WaitPlatform
    {
        private readonly WaitPlatform _inner = Of(ChannelKind.Linux);
        private TaskCompletionSource? _hold;
        private bool _isAsleep;
        private bool _isHeld;

        public bool IsAsleep => Volatile.Read(ref _isAsleep);

        public bool IsHeld => Volatile.Read(ref _isHeld);

        public override int MostWords => _inner.MostWords;

        public void Hold() => Volatile.Write(ref _hold, new TaskCompletionSource());

        public void Release() => Volatile.Read(ref _hold)!.SetResult();

        public override void WaitAny(ReadOnlySpan<WaitedWord> words, TimeSpan timeout)
        {
            Volatile.Write(ref _isAsleep, words.Length > 1);
            _inner.WaitAny(words, timeout);
            if (Volatile.Read(ref _hold) is not { } hold) return;
            Volatile.Write(ref _isHeld, true);
            ((IAsyncResult)hold.Task).AsyncWaitHandle.WaitOne();
        }

        public override bool WakeOne(uint* word) => _inner.WakeOne(word);

        public override void WakeAll(uint* word) => _inner.WakeAll(word);
    }
}
