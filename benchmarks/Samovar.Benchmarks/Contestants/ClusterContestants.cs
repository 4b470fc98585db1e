using Samovar.Tests.Brokers;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Clusters over RabbitMQ. Each contestant starts a broker of its own, on this machine, with the same settings; nodes are processes of their
/// own.</summary>
internal static class ClusterContestants
{
    /// <summary>So few tasks at a time that each travels in a message of its own: bundles come into being when more messages are on the way.</summary>
    public const int Single = 48;

    public const int Million = 1_000_000;

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P18 Samovar", static request => BundlesAsync(request)),
        new("P18.single Samovar", static request => SinglesAsync(request)),
        new("P18.trip Samovar", static request => TripsAsync(request)),
        new("P18.queued Samovar", static _ => QueuedAsync(drains: false)),
        new("P18.drained Samovar", static _ => QueuedAsync(drains: true)),
    ];

    /// <summary>Starts a broker.</summary>
    public static async Task<RabbitMQServer> StartBrokerAsync() => RabbitMQServer.IsInstalled
        ? await RabbitMQServer.StartAsync()
        : throw new MissingPeerException("rabbitmq-server is not installed");

    private static async IAsyncEnumerable<double> BundlesAsync(Request request)
    {
        await using var broker = await StartBrokerAsync();
        await using var cluster = await StartAsync(broker);
        while (true)
        {
            int count = request.Of(100_000, 1_000);
            yield return await Timing.RateAsync(count, async () =>
            {
                var futures = new Future<int>[count];
                for (int i = 0; i < count; i++) futures[i] = cluster.Executor.Submit(static () => 1);
                await Futures.WhenAll(futures);
            });
        }
    }

    private static async IAsyncEnumerable<double> SinglesAsync(Request request)
    {
        await using var broker = await StartBrokerAsync();
        await using var cluster = await StartAsync(broker);
        while (true)
        {
            int count = request.Of(5_000, 500);
            using var room = new SemaphoreSlim(Single);
            yield return await Timing.RateAsync(count, async () =>
            {
                for (int i = 0; i < count; i++)
                {
                    await room.WaitAsync();
                    cluster.Executor.Submit(static () => 1).OnCompleted((Future _) => room.Release());
                }

                await cluster.Executor.DrainAsync();
            });
            for (int i = 0; i < Single; i++) await room.WaitAsync(); // the last callbacks
        }
    }

    private static async IAsyncEnumerable<double> TripsAsync(Request request)
    {
        await using var broker = await StartBrokerAsync();
        await using var cluster = await StartAsync(broker);
        while (true) yield return await Timing.MedianTimeAsync(request.Of(500, 50), async () => await cluster.Executor.Submit(static () => 1), rest: TimeSpan.FromMilliseconds(2));
    }

    private static async IAsyncEnumerable<double> QueuedAsync(bool drains)
    {
        while (true)
        {
            await using var broker = await StartBrokerAsync(); // a new one for each figure: nothing is left of the one before
            await using var cluster = new RunningCluster(broker);
            await cluster.Executor.ConnectAsync();
            var futures = new Future<int>[Million];
            double seconds = Million / await Timing.RateAsync(Million, async () =>
            {
                for (int i = 0; i < Million; i++) futures[i] = cluster.Executor.Submit(static () => 1);
                while (cluster.Executor.Core.ReadFigures().Sent < Million) await Task.Delay(TimeSpan.FromMilliseconds(20));
            });
            if (!drains)
            {
                yield return seconds;
                continue;
            }

            yield return await Timing.RateAsync(Million, async () =>
            {
                cluster.StartNode();
                cluster.StartNode();
                await Futures.WhenAll(futures);
            });
        }
    }

    private static async Task<RunningCluster> StartAsync(RabbitMQServer broker)
    {
        var cluster = new RunningCluster(broker);
        cluster.StartNode();
        await Futures.WhenAll(Enumerable.Range(0, 1000).Select(_ => cluster.Executor.Submit(static () => 1)));
        return cluster;
    }
}
