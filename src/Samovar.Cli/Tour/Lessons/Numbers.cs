using System.Diagnostics;
using Samovar.Ipc;

namespace Samovar.Cli.Tour.Lessons;

/// <summary>Integers to a reader in another process, until the end mark.</summary>
internal sealed class Numbers : Lesson
{
    private const int Done = -1; // the chapter's "DONE"
    private const int Batch = 4096;

    public override int Number => 10;

    public override string Title => "Queue";

    public override string Work => "integers to a reader in another process, one by one and in batches.";

    public override async Task TeachAsync(Classroom room)
    {
        using var queue = new ProcessQueue<int>(capacity: 1 << 16);
        using var sums = new ProcessQueue<long>(capacity: 4);
        await using var reader = ChildProcess.Start(() => Read(queue, sums), new() { IsDaemon = true });
        for (int round = 0; round < 10; round++) Send(queue, sums, 10_000, batch: round % 2 == 0 ? 1 : Batch); // both sides have compiled

        foreach (int count in (int[])[10_000, 100_000, 1_000_000])
        {
            room.Compare();
            Measure(room, queue, sums, count, 1);
            Measure(room, queue, sums, count, Batch);
        }

        queue.Complete();
        await reader.JoinAsync(room.Cancellation);
    }

    private static void Measure(Classroom room, ProcessQueue<int> queue, ProcessQueue<long> sums, int count, int batch)
    {
        long start = Stopwatch.GetTimestamp();
        long sum = Send(queue, sums, count, batch);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        room.Say($"{count / took.TotalSeconds / 1e6:0.0} million a second");
        room.Add($"{count:N0}, {(batch == 1 ? "one by one" : $"in batches of {batch}")}", took, $"sum {sum}");
    }

    private static long Send(ProcessQueue<int> queue, ProcessQueue<long> sums, int count, int batch)
    {
        if (batch == 1)
        {
            for (int number = 0; number < count; number++) queue.Put(number);
        }
        else
        {
            int[] numbers = new int[batch];
            for (int first = 0; first < count; first += batch)
            {
                int some = Math.Min(batch, count - first);
                for (int i = 0; i < some; i++) numbers[i] = first + i;
                queue.PutMany(numbers.AsSpan(0, some));
            }
        }

        queue.Put(Done);
        return sums.Take();
    }

    private static void Read(ProcessQueue<int> queue, ProcessQueue<long> sums)
    {
        int[] some = new int[Batch];
        for (long sum = 0; queue.TakeMany(some) is > 0 and var count;)
        {
            foreach (int number in some.AsSpan(0, count))
            {
                if (number != Done)
                {
                    sum += number;
                    continue;
                }

                sums.Put(sum);
                sum = 0;
            }
        }
    }
}
