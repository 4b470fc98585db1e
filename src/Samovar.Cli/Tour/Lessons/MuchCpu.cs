namespace Samovar.Cli.Tour.Lessons;

/// <summary>A process for each core, each with 200,000,000 rounds.</summary>
internal sealed class MuchCpu : Lesson
{
    private const int Rounds = 200_000_000;

    public override int Number => 7;

    public override string Title => "Much CPU";

    public override string Work => $"{Rounds:N0} rounds for each core.";

    public override async Task TeachAsync(Classroom room)
    {
        int cores = Environment.ProcessorCount;
        await room.TimeAsync("one after another", () => Enumerable.Range(0, cores).Select(static _ => Spin()).ToList(), last => Show(last, room));
        await room.TimeAsync("on threads", async () =>
        {
            await using var threads = new ThreadExecutor(new() { Workers = cores });
            return await threads.Map(Enumerable.Range(0, cores), static _ => Spin(), new() { BatchSize = 1 }).ToListAsync();
        }, last => Show(last, room));
        await room.TimeAsync("in processes, started for it", async () =>
        {
            var children = Enumerable.Range(0, cores).Select(static _ => ChildProcess.Start(static () => Spin())).ToList();
            var last = new List<(int, int)>();
            foreach (var child in children) last.Add(await child.JoinAsync());
            return last;
        }, last => Show(last, room));
    }

    private static (int Process, int Last) Spin()
    {
        int last = 0;
        for (int i = 0; i < Rounds; i++) last = unchecked((last * 31) + i);
        return (Environment.ProcessId, last);
    }

    private static string Show(List<(int Process, int Last)> ends, Classroom room)
    {
        foreach (var (process, _) in ends) room.Say($"process {process} is done");
        return $"{ends.Count} x {ends[0].Last}";
    }
}
