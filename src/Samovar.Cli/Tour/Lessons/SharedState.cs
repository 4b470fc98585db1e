using System.Threading.Channels;

namespace Samovar.Cli.Tour.Lessons;

/// <summary>Threads count to a million together.</summary>
internal sealed class SharedState : Lesson
{
    private const int Workers = 4;
    private const int Each = 250_000;

    private int _count;

    public override int Number => 4;

    public override string Title => "Shared state";

    public override string Work => "four threads count to 1,000,000 together.";

    public override async Task TeachAsync(Classroom room)
    {
        await using var threads = new ThreadExecutor(new() { Workers = Workers });
        await CountAsync(room, threads, "without care", () =>
        {
            for (int i = 0; i < Each; i++) _count++; // read, add, write: another may have written between
        });
        room.Compare(); // what gives a wrong sum is no measure
        var gate = new Lock();
        await CountAsync(room, threads, "with a lock", () =>
        {
            for (int i = 0; i < Each; i++)
            {
                lock (gate) _count++;
            }
        });
        await CountAsync(room, threads, "interlocked", () =>
        {
            for (int i = 0; i < Each; i++) Interlocked.Increment(ref _count);
        });
        await room.TimeAsync("by a queue to one owner", () => QueueAsync(threads), Show);
    }

    private async Task CountAsync(Classroom room, ThreadExecutor threads, string way, Action work)
    {
        _count = 0;
        await room.TimeAsync(way, async () =>
        {
            await TogetherAsync(threads, work);
            return _count;
        }, Show);
    }

    private static async Task<int> QueueAsync(ThreadExecutor threads)
    {
        var queue = Channel.CreateUnbounded<int>(new() { SingleReader = true });
        var owner = Task.Run(async () =>
        {
            int count = 0;
            await foreach (int more in queue.Reader.ReadAllAsync()) count += more;
            return count;
        });
        await TogetherAsync(threads, () =>
        {
            for (int i = 0; i < Each; i++) queue.Writer.TryWrite(1);
        });
        queue.Writer.Complete();
        return await owner;
    }

    private static async Task TogetherAsync(ThreadExecutor threads, Action work)
    {
        using var together = new Barrier(Workers);
        await threads.ForEachAsync(Enumerable.Range(0, Workers), _ =>
        {
            together.SignalAndWait();
            work();
        }, new() { BatchSize = 1 });
    }

    private static string Show(int count) => $"{count:N0} counted, {(Workers * Each) - count:N0} lost";
}
