using System.Diagnostics;

namespace Samovar.Cli.Tour.Lessons;

/// <summary>When a process for each job wins, and when a pool does.</summary>
internal sealed class ProcessOrPool : Lesson
{
    private const int Jobs = 8;
    private const int Started = 8;
    private const int Tiny = 1_000_000;

    public override int Number => 9;

    public override string Title => "Process or pool";

    public override string Work => $"{Jobs} small jobs, {Jobs} jobs that wait, and {Tiny:N0} tiny ones.";

    public override async Task TeachAsync(Classroom room)
    {
        int cores = Environment.ProcessorCount;
        int wait = (int)(10 * room.Unit.TotalMilliseconds);
        await using var pool = new ProcessExecutor(new() { Workers = cores });
        await pool.WarmUpAsync(cores);
        await room.TimeAsync("small jobs, a process for each", static () => JoinAllAsync(Enumerable.Range(0, Jobs).Select(static n => ChildProcess.Start(() => n * n))), Show);
        await room.TimeAsync("small jobs, a pool", async () => await pool.Map(Enumerable.Range(0, Jobs), static n => n * n).ToListAsync(), Show);

        room.Compare();
        await room.TimeAsync("waiting jobs, a process for each", () => JoinAllAsync(Enumerable.Range(0, Jobs).Select(n => Waiting(n, wait))), Show);
        await room.TimeAsync($"waiting jobs, a pool of {cores}", async () => await pool.Map(Enumerable.Range(0, Jobs), Wait(wait), new() { BatchSize = 1 }).ToListAsync(), Show);
        await using (var wide = new ProcessExecutor(new() { Workers = Jobs }))
            await room.TimeAsync($"waiting jobs, a pool of {Jobs}, started for it", async () => await wide.Map(Enumerable.Range(0, Jobs), Wait(wait), new() { BatchSize = 1 }).ToListAsync(), Show);

        room.Compare();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Started; i++) await ChildProcess.Start(static () => 1).JoinAsync();
        room.Add("a tiny task, a process for each", Stopwatch.GetElapsedTime(start) / Started, $"mean of {Started}");
        start = Stopwatch.GetTimestamp();
        await pool.ForEachAsync(Enumerable.Range(0, Tiny), static n => Math.Sqrt(n));
        room.Add("a tiny task, a pool", Stopwatch.GetElapsedTime(start) / Tiny, $"mean of {Tiny:N0}");
    }

    private static ChildProcess<int> Waiting(int number, int milliseconds) => ChildProcess.Start(() => WaitOnce(number, milliseconds));

    private static Func<int, int> Wait(int milliseconds) => number => WaitOnce(number, milliseconds);

    private static int WaitOnce(int number, int milliseconds)
    {
        Blocked.For(TimeSpan.FromMilliseconds(milliseconds));
        return number * number;
    }

    private static async Task<List<int>> JoinAllAsync(IEnumerable<ChildProcess<int>> children)
    {
        var results = new List<int>();
        foreach (var child in children.ToList()) results.Add(await child.JoinAsync());
        return results;
    }

    private static string Show(List<int> results) => string.Join(' ', results);
}
