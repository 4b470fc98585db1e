using System.Globalization;
using System.Text.Json;

namespace Samovar.Benchmarks.Sides;

/// <summary>A side as a process of its own, as benchmarks/peers/sides.py tells it: a line on stdin, a figure on stdout, the end of stdin ends it.</summary>
internal static class SideServer
{
    private static readonly Dictionary<string, Side> s_sides = new(
        [.. PoolSides.All, .. StartSides.All, .. QueueSides.All, .. ThreadSides.All, .. LoopSides.All, .. CommandSides.All, .. LimitSides.All, .. CurveSides.All,
            .. ScopeSides.All, .. LockContestants.All, .. TimerContestants.All],
        StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => s_sides.Keys;

    public static async Task<int> ServeAsync(string name, double scale)
    {
        if (!s_sides.TryGetValue(name, out Side? side))
        {
            await Console.Error.WriteLineAsync($"There is no side '{name}'.");
            return 2;
        }

        var ask = new Ask(scale);
        await using var figures = side(ask).GetAsyncEnumerator();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            ask.X = line.Length > 0 ? double.Parse(line, CultureInfo.InvariantCulture) : 0;
            ask.Bytes = null;
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(await AnswerAsync(figures, ask), JsonSerializerOptions.Web));
        }

        return 0;
    }

    private static async Task<SideAnswer> AnswerAsync(IAsyncEnumerator<double> figures, Ask ask)
    {
        try
        {
            return await figures.MoveNextAsync() ? new() { Value = figures.Current, Bytes = ask.Bytes } : new() { Error = "it has ended" };
        }
        catch (MissingPeerException missing)
        {
            return new() { Missing = missing.Message };
        }
        catch (Exception error)
        {
            return new() { Error = $"{error.GetType().Name}: {error.Message}" }; // it is told, and whoever asked decides
        }
    }
}
