using System.Globalization;
using System.Text.Json;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Runs a contestant as a process of its own, with the protocol of benchmarks/peers/sides.py: for each line on stdin it writes a figure to
/// stdout; it exits at the end of stdin.</summary>
internal static class ContestantServer
{
    private static readonly Dictionary<string, Contestant> s_contestants = new(
        [.. PoolContestants.All, .. StartContestants.All, .. QueueContestants.All, .. ThreadContestants.All, .. LoopContestants.All, .. CommandContestants.All, .. LimitContestants.All, .. CurveContestants.All,
            .. ScopeContestants.All, .. LockContestants.All, .. TimerContestants.All, .. ClusterContestants.All, .. ClusterFaultContestants.All, .. BrokerContestants.All, .. WatchContestants.All, .. CacheContestants.All],
        StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => s_contestants.Keys;

    public static async Task<int> ServeAsync(string name, double scale)
    {
        if (!s_contestants.TryGetValue(name, out Contestant? contestant))
        {
            await Console.Error.WriteLineAsync($"There is no contestant '{name}'.");
            return 2;
        }

        var request = new Request(scale);
        await using var figures = contestant(request).GetAsyncEnumerator();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            request.X = line.Length > 0 ? double.Parse(line, CultureInfo.InvariantCulture) : 0;
            request.Bytes = null;
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(await AnswerAsync(figures, request), JsonSerializerOptions.Web));
        }

        return 0;
    }

    private static async Task<ContestantReply> AnswerAsync(IAsyncEnumerator<double> figures, Request request)
    {
        try
        {
            return await figures.MoveNextAsync() ? new() { Value = figures.Current, Bytes = request.Bytes } : new() { Error = "it has no more figures" };
        }
        catch (MissingPeerException missing)
        {
            return new() { Missing = missing.Message };
        }
        catch (Exception error)
        {
            return new() { Error = $"{error.GetType().Name}: {error.Message}" }; // the process that sent the request handles it
        }
    }
}
