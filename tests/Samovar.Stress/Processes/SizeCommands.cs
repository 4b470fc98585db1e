using System.Diagnostics;
using System.Globalization;

namespace Samovar.Stress.Processes;

/// <summary>Many workers, and many tasks.</summary>
internal static class SizeCommands
{
    private const int Batch = 100_000;

    /// <summary>A heap that is still finding its size, and the code that is compiled again, may grow by so much after the first tenth.</summary>
    private const double MostGrowth = 64e6;

    /// <summary>Starts so many workers, has all of them work at once, and ends them.</summary>
    public static async Task<int> ManyAsync(CommandArguments arguments)
    {
        int workers = arguments.Number("workers", 200);
        await HoldAsync(workers: 2); // so that what is opened once is open
        var before = Footprint.Now();
        var (processes, atWork, ended) = await HoldAsync(workers);
        var after = Footprint.Now();
        Say($"{workers} workers: {processes} processes at work after {atWork.TotalSeconds:F1} s, all ended after {ended.TotalSeconds:F1} s");
        Say($"before: {before}; after: {after}");
        string[] problems = [.. after.GrowthSince(before)];
        foreach (string problem in problems) Console.WriteLine(problem);
        return processes == workers && problems.Length == 0 ? 0 : 1;
    }

    private static async Task<(int Processes, TimeSpan AtWork, TimeSpan Ended)> HoldAsync(int workers)
    {
        long began = Stopwatch.GetTimestamp();
        TimeSpan atWork;
        int processes;
        await using (var pool = new ProcessExecutor(new() { Workers = workers, Output = WorkerOutput.Discard, StartTimeout = TimeSpan.FromMinutes(5) }))
        {
            // Each is held until all have begun, so no worker can do two.
            var held = Enumerable.Range(0, workers).Select(_ => pool.Submit(static token => token.WaitHandle.WaitOne())).ToArray();
            while (held.Any(static future => future.State != FutureState.Running)) await Task.Delay(20);
            atWork = Stopwatch.GetElapsedTime(began);
            processes = held.Select(static future => future.Worker!.ProcessId).Distinct().Count();
            foreach (var future in held) future.Cancel();
            await Futures.WaitAsync(held, WaitFor.All);
        }

        return (processes, atWork, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Runs so many tiny tasks and watches this process's memory.</summary>
    public static async Task<int> FlatAsync(CommandArguments arguments)
    {
        int count = arguments.Number("count", 10_000_000);
        await using var pool = new ProcessExecutor(new() { Workers = 2, Output = WorkerOutput.Discard });
        var futures = new Future<int>[Batch];
        double early = 0, resident = 0;
        long began = Stopwatch.GetTimestamp();
        for (int done = 0; done < count; done += Batch)
        {
            for (int i = 0; i < Batch; i++)
            {
                int asked = done + i;
                futures[i] = pool.Submit(() => asked + 1);
            }

            for (int i = 0; i < Batch; i++)
            {
                if (futures[i].Result == done + i + 1) continue;
                Say($"task {done + i} returned {futures[i].Result}");
                return 1;
            }

            resident = Resident();
            if (done <= count / 10) early = Math.Max(early, resident);
            if ((done + Batch) % (count / 10) < Batch) Say($"{done + Batch,12:N0} tasks, {resident / 1e6,6:F0} MB resident, {GC.GetTotalMemory(forceFullCollection: false) / 1e6,6:F0} MB heap");
        }

        Say($"{count:N0} tasks in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s; resident at most {early / 1e6:F0} MB in the first tenth, {resident / 1e6:F0} MB at the end");
        return resident - early < MostGrowth ? 0 : 1;
    }

    private static double Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
