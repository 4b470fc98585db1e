using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>Reader-writer locks: which holders exclude each other, order, and deaths. On both platforms.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessReaderWriterLockTests
{
    public static TheoryData<string> Platforms => LockKinds.Platforms;

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_writer_is_alone_and_readers_are_not(string platform)
    {
        int rounds = platform == nameof(ChannelKind.Linux) ? 1_000 : 10;
        using var tested = new ProcessReaderWriterLock(null, LockKinds.Store(platform));
        int readers = 0, writers = 0;
        using (tested.EnterRead())
        using (tested.TryEnterRead(TimeSpan.Zero).ShouldNotBeNull())
        {
            tested.CurrentReadCount.ShouldBe(2);
            tested.TryEnterWrite(LockKinds.Moment).ShouldBeNull();
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            for (int n = 0; n < rounds; n++)
            {
                if (i == 0)
                {
                    using (await tested.EnterWriteAsync())
                    {
                        Interlocked.Increment(ref writers).ShouldBe(1);
                        Volatile.Read(ref readers).ShouldBe(0);
                        tested.IsWriteHeld.ShouldBeTrue();
                        Interlocked.Decrement(ref writers);
                    }
                }
                else
                {
                    using (await tested.EnterReadAsync())
                    {
                        Interlocked.Increment(ref readers);
                        Volatile.Read(ref writers).ShouldBe(0);
                        Interlocked.Decrement(ref readers);
                    }
                }
            }
        }))).WaitAsync(TestTimeout.Wait);
        tested.CurrentReadCount.ShouldBe(0);
        tested.IsWriteHeld.ShouldBeFalse();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_reader_that_comes_while_a_writer_waits_enters_after_it(string platform)
    {
        using var tested = new ProcessReaderWriterLock(null, LockKinds.Store(platform));
        var reading = tested.EnterRead();
        var writing = tested.EnterWriteAsync().AsTask();
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 1);
        tested.TryEnterRead(TimeSpan.Zero).ShouldBeNull();
        var late = Enumerable.Range(0, 2).Select(_ => tested.EnterReadAsync().AsTask()).ToArray();
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 3);
        reading.Dispose();
        using (await writing.WaitAsync(TestTimeout.Wait)) late.ShouldAllBe(l => !l.IsCompleted);
        await Task.WhenAll(late).WaitAsync(TestTimeout.Wait);
        tested.CurrentReadCount.ShouldBe(2);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_writer_that_gives_up_lets_the_readers_behind_it_in(string platform)
    {
        using var tested = new ProcessReaderWriterLock(null, LockKinds.Store(platform));
        using var reading = tested.EnterRead();
        using var source = new CancellationTokenSource();
        var writing = tested.EnterWriteAsync(source.Token).AsTask();
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 1);
        var late = tested.EnterReadAsync().AsTask();
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 2);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => writing.WaitAsync(TestTimeout.Wait));
        using (await late.WaitAsync(TestTimeout.Wait)) tested.CurrentReadCount.ShouldBe(2);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task Readers_learn_of_a_dead_writer_until_a_writer_has_entered(string platform)
    {
        using var tested = new ProcessReaderWriterLock(null, LockKinds.Store(platform));
        await DieAsync(() => tested.EnterRead());
        using (var lease = await tested.EnterWriteAsync().AsTask().WaitAsync(TestTimeout.Wait)) lease.IsAbandoned.ShouldBeFalse();
        await DieAsync(() => tested.EnterWrite());
        for (int i = 0; i < 2; i++)
        {
            using var lease = await tested.EnterReadAsync().AsTask().WaitAsync(TestTimeout.Wait);
            lease.IsAbandoned.ShouldBeTrue();
        }

        using (var lease = tested.EnterWrite()) lease.IsAbandoned.ShouldBeTrue();
        using (var lease = tested.EnterRead()) lease.IsAbandoned.ShouldBeFalse();
        tested.GetStatistics().Abandonments.ShouldBe(1);
        tested.CurrentReadCount.ShouldBe(0);
    }

    private static async Task DieAsync(Action enter) => await ChildProcess.Start(() =>
    {
        enter();
        LockKinds.Die();
    }).Exited.WaitAsync(TestTimeout.Wait);
}
