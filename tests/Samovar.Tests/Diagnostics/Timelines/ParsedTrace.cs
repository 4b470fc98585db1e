using System.Text.Json;

namespace Samovar.Tests.Diagnostics.Timelines;

/// <summary>What a trace, as a viewer reads it, has of one executor: tests run concurrently, and a trace has all executors of the process. Checks
/// what viewers require: slices of a lane are nested, arrows start and end, and what overlaps begins and ends.</summary>
internal sealed class ParsedTrace
{
    private readonly List<JsonElement> _events;

    public ParsedTrace(byte[] bytes, string executor)
    {
        using var document = JsonDocument.Parse(bytes);
        List<JsonElement> all = [.. document.RootElement.EnumerateArray().Select(static one => one.Clone())];
        var lanes = all.Where(one => IsLane(one) && IsOf(executor, NameOf(one))).Select(Lane).ToHashSet();
        _events = all.FindAll(one => one.GetProperty("ph").GetString() == "C" ? IsOf(executor, one.GetProperty("name").GetString()!) : one.TryGetProperty("tid", out _) && lanes.Contains(Lane(one)));
        CheckNesting();
        CheckFlows();
        CheckOverlapping();
    }

    public IEnumerable<JsonElement> Of(string phase) => _events.Where(one => one.GetProperty("ph").GetString() == phase);

    /// <summary>The slices of tasks that have run.</summary>
    public List<JsonElement> Runs => [.. Of("X").Where(static one => one.TryGetProperty("args", out _))];

    /// <summary>Returns the name of a lane.</summary>
    public string LaneOf(JsonElement slice) => NameOf(_events.Single(one => IsLane(one) && Lane(one) == Lane(slice)));

    private static bool IsLane(JsonElement one) => one.GetProperty("ph").GetString() == "M" && one.GetProperty("name").GetString() == "thread_name";

    private static string NameOf(JsonElement lane) => lane.GetProperty("args").GetProperty("name").GetString()!;

    private static bool IsOf(string executor, string name) => name == executor || name.StartsWith($"{executor} #", StringComparison.Ordinal) || name.StartsWith($"{executor}: ", StringComparison.Ordinal);

    private static (int, long) Lane(JsonElement one) => (one.GetProperty("pid").GetInt32(), one.GetProperty("tid").GetInt64());

    private static double At(JsonElement one) => one.GetProperty("ts").GetDouble();

    private static double End(JsonElement slice) => At(slice) + slice.GetProperty("dur").GetDouble();

    private void CheckNesting()
    {
        const double rounding = 0.2; // microseconds: times are ticks, and the sum of two is rounded
        foreach (var lane in Of("X").GroupBy(Lane))
        {
            var open = new Stack<double>();
            foreach (var slice in lane.OrderBy(At).ThenByDescending(End))
            {
                while (open.TryPeek(out double end) && end <= At(slice) + rounding) open.Pop();
                if (open.TryPeek(out double outer)) End(slice).ShouldBeLessThanOrEqualTo(outer + rounding, "a slice ends within the slice in which it began");
                open.Push(End(slice));
            }
        }
    }

    private void CheckFlows()
    {
        foreach (var flow in Of("s").Concat(Of("t")).Concat(Of("f")).GroupBy(static one => one.GetProperty("id").GetString()))
        {
            string steps = string.Concat(flow.OrderBy(static one => "stf".IndexOf(one.GetProperty("ph").GetString()!, StringComparison.Ordinal)).Select(static one => one.GetProperty("ph").GetString()));
            steps.ShouldMatch("^st*f$");
            foreach (var step in flow)
            {
                Of("X").Any(slice => Lane(slice) == Lane(step) && At(slice) <= At(step) && End(slice) >= At(step)).ShouldBeTrue("an arrow is attached to a slice");
            }
        }
    }

    private void CheckOverlapping()
    {
        foreach (var pair in Of("b").Concat(Of("e")).GroupBy(static one => one.GetProperty("id").GetString()))
            pair.Select(static one => one.GetProperty("ph").GetString()).ShouldBe(["b", "e"]);
    }
}
