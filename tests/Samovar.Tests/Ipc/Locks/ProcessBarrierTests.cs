using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>Barriers: rounds, abort, reset, cancellation, and death of a participant. On both platforms.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessBarrierTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Platforms => LockKinds.Platforms;

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_thousand_rounds_keep_in_step(string platform)
    {
        const int parties = 3;
        int rounds = platform == nameof(ChannelKind.Linux) ? 1_000 : 10;
        using var tested = new ProcessBarrier(parties, null, LockKinds.Store(platform));
        int[] round = new int[parties];
        await Task.WhenAll(Enumerable.Range(0, parties).Select(i => i == 0 ? TestSupport.OnOwnThread(() => Go(0)) : GoAsync(i))).WaitAsync(TestTimeout.Wait);
        tested.ParticipantsRemaining.ShouldBe(parties);

        void Go(int party)
        {
            for (int i = 0; i < rounds; i++)
            {
                Step(party, i);
                tested.SignalAndWait();
            }
        }

        async Task GoAsync(int party)
        {
            for (int i = 0; i < rounds; i++)
            {
                Step(party, i);
                await tested.SignalAndWaitAsync();
            }
        }

        void Step(int party, int i)
        {
            Volatile.Write(ref round[party], i);
            for (int other = 0; other < parties; other++) Volatile.Read(ref round[other]).ShouldBeInRange(i - 1, i + 1);
        }
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task An_abort_breaks_it_and_a_reset_starts_again(string platform)
    {
        using var tested = new ProcessBarrier(2, null, LockKinds.Store(platform));
        var aborted = tested.SignalAndWaitAsync().AsTask();
        tested.Abort();
        await Should.ThrowAsync<BarrierBrokenException>(() => aborted.WaitAsync(TestTimeout.Wait));
        tested.IsBroken.ShouldBeTrue();
        Should.Throw<BarrierBrokenException>(() => tested.SignalAndWait());
        tested.Reset();
        tested.IsBroken.ShouldBeFalse();

        var reset = tested.SignalAndWaitAsync().AsTask();
        tested.Reset();
        await Should.ThrowAsync<BarrierBrokenException>(() => reset.WaitAsync(TestTimeout.Wait));
        tested.IsBroken.ShouldBeFalse();

        var both = tested.SignalAndWaitAsync().AsTask();
        tested.Abort();
        tested.Reset();
        await Should.ThrowAsync<BarrierBrokenException>(() => both.WaitAsync(TestTimeout.Wait));

        var first = tested.SignalAndWaitAsync().AsTask();
        await tested.SignalAndWaitAsync().AsTask().WaitAsync(TestTimeout.Wait);
        await first.WaitAsync(TestTimeout.Wait);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_reset_while_it_drains_lets_the_old_round_out_and_starts_a_new_one(string platform)
    {
        using var tested = new ProcessBarrier(3, null, LockKinds.Store(platform));
        for (int i = 0; i < 50; i++)
        {
            var old = Enumerable.Range(0, 3).Select(_ => tested.SignalAndWaitAsync().AsTask()).ToArray();
            tested.Reset();
            var next = tested.SignalAndWaitAsync().AsTask();
            tested.Reset();
            await Task.WhenAll(old).WaitAsync(TestTimeout.Wait);
            await Should.ThrowAsync<BarrierBrokenException>(() => next.WaitAsync(TestTimeout.Wait));
        }

        tested.ParticipantsRemaining.ShouldBe(3);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_cancelled_wait_takes_its_arrival_back(string platform)
    {
        using var tested = new ProcessBarrier(2, null, LockKinds.Store(platform));
        using var source = new CancellationTokenSource();
        tested.SignalAndWait(LockKinds.Moment).ShouldBeFalse();
        (await tested.SignalAndWaitAsync(LockKinds.Moment)).ShouldBeFalse();
        var canceled = tested.SignalAndWaitAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => canceled.WaitAsync(TestTimeout.Wait));
        tested.ParticipantsRemaining.ShouldBe(2);
        var first = tested.SignalAndWaitAsync().AsTask();
        tested.SignalAndWait(TestTimeout.Wait).ShouldBeTrue();
        await first.WaitAsync(TestTimeout.Wait);
        Should.Throw<ArgumentOutOfRangeException>(() => new ProcessBarrier(0));
        Should.Throw<ArgumentOutOfRangeException>(() => new ProcessBarrier(40_000));
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_process_that_took_part_and_dies_breaks_it_at_once(string platform)
    {
        using var tested = new ProcessBarrier(3, null, LockKinds.Store(platform));
        using var gate = new ProcessGate();
        (await ChildProcess.Start(() => tested.ParticipantCount).JoinAsync(Token)).ShouldBe(3); // comes by, and takes no part
        var child = ChildProcess.Start(() =>
        {
            tested.SignalAndWait();
            gate.Pass();
        });
        var waits = Enumerable.Range(0, 2).Select(_ => tested.SignalAndWaitAsync().AsTask()).ToArray();
        await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait);
        waits = [.. Enumerable.Range(0, 2).Select(_ => tested.SignalAndWaitAsync().AsTask())];
        child.Kill();
        foreach (var wait in waits) await Should.ThrowAsync<BarrierBrokenException>(() => wait.WaitAsync(TestTimeout.Wait));
        tested.IsBroken.ShouldBeTrue();
        tested.Reset();
        waits = [.. Enumerable.Range(0, 3).Select(_ => tested.SignalAndWaitAsync().AsTask())];
        await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait);
        await child.Exited.WaitAsync(TestTimeout.Wait);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_process_that_dies_before_it_arrives_breaks_it_for_present_and_later_waiters(string platform)
    {
        using var tested = new ProcessBarrier(2, null, LockKinds.Store(platform));
        using var isThere = new ProcessGate();
        using var gate = new ProcessGate();
        var child = ChildProcess.Start(() =>
        {
            isThere.Open();
            gate.Pass();
            tested.SignalAndWait();
        });
        await isThere.PassAsync(Token).WaitAsync(TestTimeout.Wait, Token);
        var waits = tested.SignalAndWaitAsync().AsTask();
        child.Kill();
        await Should.ThrowAsync<BarrierBrokenException>(() => waits.WaitAsync(TestTimeout.Wait, Token));
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        Should.Throw<BarrierBrokenException>(() => tested.SignalAndWait(Token));
        tested.Reset();

        var failing = ChildProcess.Start(() =>
        {
            if (tested.ParticipantCount == 2) throw new InvalidOperationException("it has failed before it could come");
            tested.SignalAndWait();
        });
        waits = tested.SignalAndWaitAsync().AsTask();
        await Should.ThrowAsync<BarrierBrokenException>(() => waits.WaitAsync(TestTimeout.Wait, Token));
        await failing.Exited.WaitAsync(TestTimeout.Wait, Token);
        failing.ExitCode.ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_process_whose_task_with_it_has_completed_or_that_disposed_it_breaks_nothing()
    {
        using var tested = new ProcessBarrier(2);
        using var isThere = new ProcessGate();
        using var gate = new ProcessGate();
        await using var pool = new ProcessExecutor(new ProcessExecutorOptions { Workers = 1 });
        (await pool.Submit(() => tested.ParticipantCount)).ShouldBe(2);
        await Should.ThrowAsync<WorkerCrashedException>(async () => await pool.Submit(() => LockKinds.Die()));
        var child = ChildProcess.Start(() =>
        {
            tested.Dispose();
            isThere.Open();
            gate.Pass();
        });
        await isThere.PassAsync(Token).WaitAsync(TestTimeout.Wait, Token);
        child.Kill();
        await child.Exited.WaitAsync(TestTimeout.Wait, Token);
        tested.Reset(); // looks for the dead
        tested.IsBroken.ShouldBeFalse();
        var first = tested.SignalAndWaitAsync().AsTask();
        await tested.SignalAndWaitAsync().AsTask().WaitAsync(TestTimeout.Wait, Token);
        await first.WaitAsync(TestTimeout.Wait, Token);
    }
}
