namespace Samovar.Cli.Tour.Lessons;

/// <summary>Eight jobs on a pool of two, first come, first served.</summary>
internal sealed class JobsOnAPool : Lesson
{
    private static readonly (string Name, int Units)[] s_jobs = [("a", 2), ("b", 4), ("c", 6), ("d", 8), ("e", 1), ("f", 3), ("g", 5), ("h", 7)];

    public override int Number => 8;

    public override string Title => "Pool";

    public override string Work => "eight jobs of 2, 4, 6, 8, 1, 3, 5 and 7 units of time.";

    public override async Task TeachAsync(Classroom room)
    {
        await RunAsync(room, "a pool of one", 1);
        await RunAsync(room, "a pool of two", 2);
    }

    private static async Task RunAsync(Classroom room, string way, int workers)
    {
        await using var pool = new ProcessExecutor(new() { Workers = workers });
        await pool.WarmUpAsync(workers);
        Future<string>[] futures = [];
        await room.TimeAsync(way, async () =>
        {
            futures = [.. s_jobs.Select(job => Submit(pool, job.Name, job.Units * room.Unit))];
            await Futures.WaitAsync(futures, cancellationToken: room.Cancellation);
            return futures;
        }, futures => $"started in the order {Order(room, futures)}");
        Draw(room, futures);
    }

    private static Future<string> Submit(ProcessExecutor pool, string name, TimeSpan time) =>
        pool.Submit(
            () =>
            {
                Blocked.For(time);
                return name;
            },
            new() { Name = name });

    // Two that are free at the same moment begin at about the same moment.
    private static string Order(Classroom room, Future<string>[] futures)
    {
        bool isInOrder = futures.Zip(futures.Skip(1)).All(pair => pair.First.StartedAt <= pair.Second.StartedAt + (room.Unit / 2));
        return string.Concat((isInOrder ? futures : [.. futures.OrderBy(static f => f.StartedAt)]).Select(static f => f.Name));
    }

    private static void Draw(Classroom room, Future<string>[] futures)
    {
        DateTimeOffset start = futures.Min(static f => f.StartedAt!.Value);
        int width = UnitsTo(futures.Max(static f => f.FinishedAt!.Value));
        foreach (var worker in futures.GroupBy(static f => f.Worker!.ProcessId).OrderBy(static w => w.Min(static f => f.StartedAt)))
        {
            char[] line = [.. Enumerable.Repeat(' ', width)];
            foreach (var future in worker)
            {
                int from = Math.Min(UnitsTo(future.StartedAt!.Value), width - 1);
                Array.Fill(line, future.Name![0], from, Math.Clamp(UnitsTo(future.FinishedAt!.Value) - from, 1, width - from));
            }

            room.Say($"process {worker.Key,7} |{new string(line)}|");
        }

        int UnitsTo(DateTimeOffset time) => (int)Math.Round((time - start) / room.Unit);
    }
}
