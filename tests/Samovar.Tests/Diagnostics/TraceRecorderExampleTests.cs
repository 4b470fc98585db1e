using System.Text.Json;
using Samovar.Tests.Diagnostics.Watching;

namespace Samovar.Tests.Diagnostics;

/// <summary>The example in the documentation of <see cref="TraceRecorder"/>, see <c>DocumentationExampleTests</c>.</summary>
[Collection(nameof(Watcher))]
public sealed class TraceRecorderExampleTests
{
    [ThreadFact]
    public async Task TraceRecorder_records_a_map()
    {
        string path = Path.Combine(Path.GetTempPath(), $"samovar-trace-{Guid.NewGuid():N}.json");
        int[] items = [.. Enumerable.Range(0, 100)];
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        int sum = 0;
        try
        {
            await using (TraceRecorder.Start(path))
            {
                await foreach (int result in executor.Map(items, static item => item * item)) sum += result;
            }

            using var trace = JsonDocument.Parse(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            trace.RootElement.EnumerateArray().Count(static one => one.GetProperty("ph").GetString() == "X").ShouldBeGreaterThanOrEqualTo(3);
            sum.ShouldBe(328_350);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
