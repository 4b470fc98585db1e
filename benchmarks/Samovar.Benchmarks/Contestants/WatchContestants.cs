using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching;
using Samovar.Diagnostics.Watching.Requests;

namespace Samovar.Benchmarks.Contestants;

/// <summary>What it costs to be watched.</summary>
internal static class WatchContestants
{
    private const int Workers = 2;

    /// <summary>So many pictures of the busy program are received before the measurement begins: the tool starts and compiles its code meanwhile.</summary>
    private const int Pictures = 16;

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P20 Samovar", WatchedAsync), new("P20.picture Samovar", request => PicturesAsync(request, static one => one.Milliseconds)),
        new("P20.size Samovar", request => PicturesAsync(request, static one => one.Kilobytes)), new("P20.filter Samovar", FilterAsync),
    ];

    // The rate with one viewer (samovar top --json, 4 pictures a second, on the same machine) relative to the rate without one. The measurements without one
    // lie before and after it, so that a machine that becomes faster or slower meanwhile affects both.
    private static async IAsyncEnumerable<double> WatchedAsync(Request request)
    {
        await using var pool = await PoolContestants.WarmAsync(Workers);
        var futures = new Future<int>[request.Of(500_000)];
        while (true)
        {
            double without = RateOf(pool, futures), with;
            using (var viewer = StartViewer())
            {
                var warmUp = ReadAsync(viewer.StandardOutput, Pictures);
                while (!warmUp.IsCompleted) _ = RateOf(pool, futures);
                await warmUp;
                var rest = viewer.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                with = RateOf(pool, futures) + RateOf(pool, futures);
                viewer.Kill();
                await rest;
                await viewer.WaitForExitAsync();
            }

            without += RateOf(pool, futures);
            yield return with / without;
        }
    }

    private static async IAsyncEnumerable<double> PicturesAsync(Request request, Func<(double Milliseconds, double Kilobytes), double> figure)
    {
        await using var pool = await PoolContestants.WarmAsync(Workers);
        TaskRecorder.Watch();
        var pictures = new PictureTaker();
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        var futures = new Future<int>[request.Of(200_000)];
        _ = pictures.Take();
        while (true)
        {
            _ = RateOf(pool, futures);
            buffer.ResetWrittenCount();
            long began = Stopwatch.GetTimestamp();
            using (var json = new Utf8JsonWriter(buffer))
            {
                PictureWriter.Write(json, pictures.Take(), TimeSpan.Zero, showsArguments: false);
            }

            yield return figure((Stopwatch.GetElapsedTime(began).TotalMilliseconds, buffer.WrittenCount / 1e3));
        }
    }

    // A filter by text over the tasks that are kept of a million, of which one matches: in milliseconds.
    private static async IAsyncEnumerable<double> FilterAsync(Request request)
    {
        await using var pool = await PoolContestants.WarmAsync(Workers);
        TaskRecorder.Watch(isTrace: true); // keeps as many as it ever does
        await pool.Submit(static () => 1, new() { Name = "a needle" });
        _ = RateOf(pool, new Future<int>[request.Of(1_000_000)]);
        await pool.Submit(static () => 1, new() { Name = "a needle" });
        var requests = new RequestHandler(allowsCommands: false, showsArguments: false, new HoldWatch());
        using var question = JsonDocument.Parse("""{"ask": 1, "what": "tasks", "text": "needle", "limit": 100}""");
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        while (true)
        {
            buffer.ResetWrittenCount();
            long began = Stopwatch.GetTimestamp();
            using (var json = new Utf8JsonWriter(buffer))
            {
                requests.Answer(question.RootElement, json);
            }

            double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            using var answer = JsonDocument.Parse(buffer.WrittenMemory);
            if (answer.RootElement.GetProperty("total").GetInt32() < 1) throw new InvalidOperationException("the filter has not found the task");
            yield return milliseconds;
        }
    }

    private static async Task ReadAsync(StreamReader lines, int count)
    {
        for (int i = 0; i < count; i++) _ = await lines.ReadLineAsync();
    }

    private static double RateOf(ProcessExecutor pool, Future<int>[] futures) => Timing.Rate(futures.Length, () =>
    {
        for (int i = 0; i < futures.Length; i++) futures[i] = pool.Submit(static () => 1);
        foreach (var future in futures) future.Wait();
    });

    private static Process StartViewer()
    {
        string[] words = [CommandContestants.Muxer, CommandContestants.Tool, "top", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--json"];
        return Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true })!;
    }
}
