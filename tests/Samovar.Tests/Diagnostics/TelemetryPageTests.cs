using System.Diagnostics.Metrics;
using System.Reflection;
using Samovar.Tests.Architecture;

namespace Samovar.Tests.Diagnostics;

/// <summary>docs/reference/telemetry.md, the constants of <see cref="SamovarTelemetry"/> and the instruments say the same.</summary>
public sealed class TelemetryPageTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs/reference/telemetry.md"));

    private static IEnumerable<(string Name, string Value)> Constants => typeof(SamovarTelemetry)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(static constant => (constant.Name, (string)constant.GetRawConstantValue()!));

    [ThreadFact]
    public async Task The_table_of_instruments_is_what_executors_create()
    {
        using var recorder = new MeterRecorder();
        await using var executor = new InlineExecutor(new() { MeterFactory = recorder });
        await using var cluster = new ClusterExecutor(new InMemoryTransport(), new() { MeterFactory = recorder });

        Rows("| Instrument |").ConvertAll(static row => $"{row[0]} {row[1]} {row[2]}").ShouldBe(
            recorder.Published.Select(static instrument => $"{instrument.Name} {KindOf(instrument)} {instrument.Unit}"), ignoreOrder: true);
        recorder.Published.ShouldAllBe(static instrument => instrument.Meter.Name == SamovarTelemetry.MeterName && instrument.Description!.Length > 0);
    }

    [ThreadFact]
    public void The_tables_have_every_constant()
    {
        string[] attributes = [.. Rows("| Attribute |").Select(static row => row[0])];
        string[] instruments = [.. Rows("| Instrument |").Select(static row => row[0])];

        attributes.ShouldBe(Constants.Where(static constant => constant.Name.EndsWith("Key", StringComparison.Ordinal)).Select(static constant => constant.Value), ignoreOrder: true);
        instruments.ShouldBe(
            Constants.Where(static constant => !constant.Name.EndsWith("Key", StringComparison.Ordinal) && constant.Value.StartsWith("samovar.", StringComparison.Ordinal))
                .Select(static constant => constant.Value),
            ignoreOrder: true);
    }

    [ThreadFact]
    public void Times_have_buckets_from_ten_microseconds_to_an_hour()
    {
        using var recorder = new MeterRecorder();
        _ = new InlineExecutor(new() { MeterFactory = recorder });

        var duration = (Histogram<double>)recorder.Published.Single(static instrument => instrument.Name == SamovarTelemetry.TaskDuration);
        var buckets = duration.Advice!.HistogramBucketBoundaries!;
        (buckets[0], buckets[^1]).ShouldBe((1e-5, 3600));
        buckets.ShouldBe(buckets.Order());
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0];

    /// <summary>The cells of the tables with this heading, without back quotes.</summary>
    private static List<string[]> Rows(string heading)
    {
        List<string[]> rows = [];
        bool isInside = false;
        foreach (string line in s_lines)
        {
            if (line.StartsWith(heading, StringComparison.Ordinal)) isInside = true;
            else if (!line.StartsWith('|')) isInside = false;
            else if (isInside && !line.StartsWith("|---", StringComparison.Ordinal)) rows.Add([.. line.Trim('|').Split('|').Select(static cell => cell.Trim().Trim('`'))]);
        }

        return rows;
    }
}
