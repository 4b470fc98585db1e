namespace Samovar.Cli.Tour.Lessons;

/// <summary>Two coroutines, five sleepers, two queries: on one thread.</summary>
internal sealed class Coroutines : Lesson
{
    private static readonly double[] s_sleeps = [4.32, 3.57, 4.77, 3.04, 3.62]; // the chapter's own

    public override int Number => 12;

    public override string Title => "Coroutines";

    public override string Work => "who waits leaves the thread to others.";

    public override async Task TeachAsync(Classroom room)
    {
        await room.TimeAsync("coroutines of 4 and 5, one after another", () => EventLoop.RunAsync(async () =>
        {
            await CoroutineAsync(room, 1, 4);
            await CoroutineAsync(room, 2, 5);
            return 2;
        }), Resumed);
        await room.TimeAsync("coroutines of 4 and 5, together", () => EventLoop.RunAsync(() => TogetherAsync(room)), Resumed);
        await room.TimeAsync("coroutines of 4 and 5, in virtual time", () => EventLoop.RunAsync(() => TogetherAsync(room), new() { VirtualTime = true }), Resumed);

        room.Compare();
        await room.TimeAsync("five sleepers, one after another", () => EventLoop.RunAsync(async () =>
        {
            for (int i = 0; i < s_sleeps.Length; i++) await SleepAsync(room, i);
            return s_sleeps.Length;
        }), Awake);
        await room.TimeAsync("five sleepers, started and awaited", () => EventLoop.RunAsync(() => FiveSleepersAsync(room)), Awake);

        room.Compare();
        await room.TimeAsync("two queries of 50 ms, one after another", () => EventLoop.RunAsync(async () =>
        {
            int first = await QueryAsync(1);
            return first + await QueryAsync(2);
        }), Rows);
        await room.TimeAsync("two queries of 50 ms, together", () => EventLoop.RunAsync(async () => (await Task.WhenAll(QueryAsync(1), QueryAsync(2))).Sum()), Rows);
    }

    private static async Task<int> TogetherAsync(Classroom room)
    {
        await Task.WhenAll(CoroutineAsync(room, 1, 4), CoroutineAsync(room, 2, 5));
        return 2;
    }

    private static async Task CoroutineAsync(Classroom room, int number, int units)
    {
        room.Say($"coroutine {number} yields control for {units}");
        await EventLoop.SleepAsync(units * room.Unit);
        room.Say($"coroutine {number} resumed");
    }

    private static async Task<int> FiveSleepersAsync(Classroom room)
    {
        Task[] sleepers = [.. Enumerable.Range(0, s_sleeps.Length).Select(i => SleepAsync(room, i))];
        await EventLoop.SleepAsync(2 * room.Unit);
        room.Say("waking, and waiting for five tasks");
        await Task.WhenAll(sleepers);
        return sleepers.Length;
    }

    private static async Task SleepAsync(Classroom room, int number)
    {
        await EventLoop.SleepAsync(s_sleeps[number] * room.Unit);
        room.Say($"{number} awakens");
    }

    private static async Task<int> QueryAsync(int number)
    {
        await EventLoop.SleepAsync(TimeSpan.FromMilliseconds(50));
        return number * 100;
    }

    private static string Resumed(int count) => $"{count} resumed";

    private static string Awake(int count) => $"{count} awake";

    private static string Rows(int rows) => $"{rows} rows";
}
