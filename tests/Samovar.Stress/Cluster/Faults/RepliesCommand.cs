using System.Globalization;
using Samovar.Benchmarks.Contestants;
using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Measures what replicated reply boxes cost: the same work with them and without them, in turn.</summary>
internal static class RepliesCommand
{
    private const int InFlight = 48;

    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (!ClusterRun.IsPossible()) return 2;
        int count = arguments.Number("count", 5_000);
        List<RabbitMQServer> brokers = [];
        try
        {
            for (int i = 0; i < arguments.Number("brokers", 1); i++) brokers.Add(await RabbitMQServer.StartAsync(first: brokers.FirstOrDefault()).ConfigureAwait(false));
            string uri = string.Join(',', brokers.Select(static broker => broker.Uri));
            Dictionary<bool, List<Figures>> all = new() { [false] = [], [true] = [] };
            for (int round = 0; round < arguments.Number("rounds", 5); round++)
            {
                foreach (var (replicates, figures) in all)
                {
                    figures.Add(await MeasureAsync(uri, replicates, count).ConfigureAwait(false));
                    Print(replicates, figures[^1]);
                }
            }

            Console.WriteLine($"Medians, {brokers.Count} {(brokers.Count == 1 ? "broker" : "brokers")}:");
            foreach (var (replicates, figures) in all)
                Print(replicates, new(Middle(figures, static one => one.Trip), Middle(figures, static one => one.Singles), Middle(figures, static one => one.Bundles)));
            return 0;
        }
        finally
        {
            for (int i = brokers.Count - 1; i >= 0; i--) await brokers[i].DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<Figures> MeasureAsync(string uri, bool replicates, int count)
    {
        var node = ChildProcess.Start(token => RunNodeAsync(uri, replicates, token));
        await using (node.ConfigureAwait(false))
        {
            var executor = new ClusterExecutor(Transport(uri, replicates));
            await Futures.WhenAll(Enumerable.Range(0, 1000).Select(_ => executor.Submit(static () => 1))).ConfigureAwait(false);
            double trip = await Timing.MedianTimeAsync(200, async () => await executor.Submit(static () => 1).ConfigureAwait(false), rest: TimeSpan.FromMilliseconds(2)).ConfigureAwait(false);
            double singles = await Timing.RateAsync(count, () => RunSinglesAsync(executor, count)).ConfigureAwait(false);
            double bundles = await Timing.RateAsync(count * 10, () => Futures.WhenAll(Enumerable.Range(0, count * 10).Select(_ => executor.Submit(static () => 1)).ToList())).ConfigureAwait(false);
            await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).ConfigureAwait(false);
            node.Kill();
            return new Figures(trip, singles, bundles);
        }
    }

    private static async Task RunSinglesAsync(ClusterExecutor executor, int count)
    {
        using var room = new SemaphoreSlim(InFlight);
        for (int i = 0; i < count; i++)
        {
            await room.WaitAsync().ConfigureAwait(false);
            executor.Submit(static () => 1).OnCompleted((Future _) => room.Release());
        }

        for (int i = 0; i < InFlight; i++) await room.WaitAsync().ConfigureAwait(false);
    }

    private static async Task RunNodeAsync(string uri, bool replicates, CancellationToken token)
    {
        var node = new ClusterNode(Transport(uri, replicates), new() { Workers = 2 });
        await using (node.ConfigureAwait(false)) await node.RunAsync(token).ConfigureAwait(false);
    }

    private static RabbitMQTransport Transport(string uri, bool replicates) => new(uri, new() { ReplicatesReplies = replicates });

    private static double Middle(List<Figures> figures, Func<Figures, double> of) => figures.Select(of).Order().ElementAt(figures.Count / 2);

    private static void Print(bool replicates, Figures figures) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {(replicates ? "replicated" : "one broker"),-10}  round trip {figures.Trip / 1000:F2} ms, {figures.Singles:N0} single tasks/s ({InFlight} in flight), {figures.Bundles:N0} bundled tasks/s"));

    private readonly record struct Figures(double Trip, double Singles, double Bundles);
}
