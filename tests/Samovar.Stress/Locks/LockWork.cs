using Samovar.Ipc;

namespace Samovar.Stress.Locks;

/// <summary>What each process does with the locks until it is killed.</summary>
internal sealed class LockWork(
    ProcessLock held, ProcessReaderWriterLock readerWriter, ProcessSemaphore semaphore, ProcessCondition changed, SharedArray<long> shared, int number, int seed)
{
    public const int UnderLock = 4;
    public const int UnderWriter = 6;
    public const int AtWork = 16;
    private const int InLock = 8;
    private const int InWriter = 9;
    private const int Readers = 10;

    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    /// <summary>Writes two halves. Another holder may see them differ only after an abandonment that was reported to it.</summary>
    public static void WriteBoth(SharedArray<long> shared, int place, bool isAbandoned)
    {
        if (shared[place] != shared[place + 1])
        {
            if (isAbandoned) Interlocked.Increment(ref shared[LockLoad.Repaired]);
            else Interlocked.Increment(ref shared[LockLoad.Violations]);
        }

        shared[place] = shared[place + 1] = Math.Max(shared[place], shared[place + 1]);
        shared[place]++;
        Thread.SpinWait(100); // a good moment to die
        shared[place + 1]++;
        Interlocked.Increment(ref shared[LockLoad.Entries]);
    }

    public async Task RunAsync(int threads)
    {
        var all = Enumerable.Range(0, threads).Select(i => i % 2 == 0
            ? Task.Factory.StartNew(() => Work(new Random(seed + i)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : Task.Run(() => WorkAsync(new Random(seed + i)))).ToArray();
        await Task.WhenAll(all).ConfigureAwait(false);
    }

    private void Work(Random random)
    {
        for (int done = 0; shared[LockLoad.IsOver] == 0; done++)
        {
            if (done == 5) Volatile.Write(ref shared[AtWork + number], Environment.ProcessId);
            switch (random.Next(6))
            {
                case 0:
                    if (held.TryEnter(TimeSpan.FromTicks(random.Next(10_000))) is { } hurried) // it may give up at any moment
                    {
                        using (hurried) Exclusive(InLock, UnderLock, hurried.IsAbandoned);
                    }

                    break;
                case 1:
                    using (var lease = held.Enter())
                    {
                        Exclusive(InLock, UnderLock, lease.IsAbandoned);
                        changed.Notify();
                    }

                    break;
                case 2:
                    using (var lease = held.Enter())
                    {
                        Exclusive(InLock, UnderLock, lease.IsAbandoned);
                        changed.Wait(lease, s_moment); // without the lock
                        if (lease.IsAbandoned) Exclusive(InLock, UnderLock, isAbandoned: true);
                    }

                    break;
                case 3:
                    using (var lease = readerWriter.EnterWrite()) Exclusive(InWriter, UnderWriter, lease.IsAbandoned);
                    break;
                case 4:
                    using (readerWriter.EnterRead()) Read();
                    break;
                default:
                    using (semaphore.Enter()) Thread.Yield();
                    break;
            }
        }
    }

    private async Task WorkAsync(Random random)
    {
        while (shared[LockLoad.IsOver] == 0)
        {
            using var source = new CancellationTokenSource(random.Next(2));
            try
            {
                switch (random.Next(4))
                {
                    case 0:
                        using (var lease = await held.EnterAsync(source.Token).ConfigureAwait(false)) Exclusive(InLock, UnderLock, lease.IsAbandoned);
                        break;
                    case 1:
                        using (var lease = await readerWriter.EnterWriteAsync(source.Token).ConfigureAwait(false)) Exclusive(InWriter, UnderWriter, lease.IsAbandoned);
                        break;
                    case 2:
                        using (await readerWriter.EnterReadAsync(source.Token).ConfigureAwait(false)) Read();
                        break;
                    default:
                        using (await semaphore.EnterAsync(source.Token).ConfigureAwait(false)) await Task.Yield();
                        break;
                }
            }
            catch (OperationCanceledException)
            {
                // Expected: a cancelled waiter must not take a permit with it.
            }
        }
    }

    // The number of those inside cannot be trusted after a death, so it is who is inside that is written and looked for again.
    private void Exclusive(int who, int place, bool isAbandoned)
    {
        long mark = ((long)Environment.ProcessId << 32) | (uint)Environment.CurrentManagedThreadId;
        Volatile.Write(ref shared[who], mark);
        WriteBoth(shared, place, isAbandoned);
        if (Volatile.Read(ref shared[who]) != mark) Interlocked.Increment(ref shared[LockLoad.Violations]);
    }

    private void Read()
    {
        long first = Volatile.Read(ref shared[UnderWriter]);
        Interlocked.Increment(ref shared[Readers]);
        if (Volatile.Read(ref shared[UnderWriter]) != first) Interlocked.Increment(ref shared[LockLoad.Violations]);
        Interlocked.Increment(ref shared[LockLoad.Entries]);
    }
}
