#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A request needs two queries of 50 ms each. One after the other they take 100 ms, concurrently on one thread 50 ms.

using System.Diagnostics;
using Samovar;

await EventLoop.RunAsync(async () =>
{
    await MeasureAsync("one after the other", async () => await QueryAsync("guests") + await QueryAsync("cups"));
    await MeasureAsync("together", async () =>
    {
        var guests = QueryAsync("guests");      // sent off
        var cups = QueryAsync("cups");          // sent off
        return await guests + await cups;
    });
});

static async Task<int> QueryAsync(string table)
{
    await EventLoop.SleepAsync(TimeSpan.FromMilliseconds(50));
    return table.Length;
}

static async Task MeasureAsync(string way, Func<Task<int>> request)
{
    long start = Stopwatch.GetTimestamp();
    int rows = await request();
    Console.WriteLine($"{way}: {rows} rows in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
}
