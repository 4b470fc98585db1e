using System.Globalization;
using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Three brokers as a cluster, each in a network of its own: the leader of the task queue is killed and comes back, then the broker of the client
/// is cut off for a time.</summary>
internal static class BrokersCommand
{
    private const int Count = 3;

    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (!ClusterRun.IsPossible()) return 2;
        string? obstacle = BrokerNetwork.IsInside ? null : await BrokerNetwork.FindObstacleAsync().ConfigureAwait(false);
        if (obstacle is null && !BrokerNetwork.IsInside) return await BrokerNetwork.RunInsideAsync().ConfigureAwait(false);
        if (obstacle is not null) Console.WriteLine($"  This machine permits no networks of the brokers' own ({obstacle}), so a broker is stopped instead of being cut off.");

        var network = obstacle is null ? await BrokerNetwork.CreateAsync(Count).ConfigureAwait(false) : null;
        List<RabbitMQServer> brokers = [];
        try
        {
            // A broker asks the others for a sign of life four times in this time; the default is 60 s.
            string settings = string.Create(CultureInfo.InvariantCulture, $"-kernel net_ticktime {arguments.Number("tick", 10)}");
            for (int i = 0; i < Count; i++)
            {
                brokers.Add(await RabbitMQServer.StartAsync(
                    configuration: "cluster_partition_handling = pause_minority", settings: settings, first: brokers.FirstOrDefault(), machine: network?.Machines[i]).ConfigureAwait(false));
            }

            var run = new ClusterRun(brokers);
            await using (run.ConfigureAwait(false)) return await RunAsync(run, brokers, network, TimeSpan.FromSeconds(arguments.Number("seconds", 20)), arguments.Number("rate", 40)).ConfigureAwait(false);
        }
        finally
        {
            for (int i = brokers.Count - 1; i >= 0; i--) await brokers[i].DisposeAsync().ConfigureAwait(false);
            if (network is not null) await network.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<int> RunAsync(ClusterRun run, List<RabbitMQServer> brokers, BrokerNetwork? network, TimeSpan cut, int perSecond)
    {
        var pause = TimeSpan.FromSeconds(15);
        run.StartNode("first", 2);
        run.StartNode("second", 2);
        int tasks = (int)(perSecond * ((pause * 5) + cut).TotalSeconds);
        var client = run.StartClient(tasks, perSecond, TimeSpan.FromMilliseconds(30), TimeSpan.FromMinutes(1.5));
        await using (client.ConfigureAwait(false))
        {
            await Task.Delay(pause).ConfigureAwait(false);
            var leader = await LeaderAsync(run, brokers).ConfigureAwait(false);
            double killed = ClusterRun.Say($"broker {brokers.IndexOf(leader) + 1}, the leader of the task queue, is killed ({await MembersAsync(leader, brokers).ConfigureAwait(false)})");
            await leader.KillBrokerAsync().ConfigureAwait(false);
            await Task.Delay(pause).ConfigureAwait(false);
            double back = ClusterRun.Say("it comes back");
            await leader.StartBrokerAsync().ConfigureAwait(false);
            double isBack = ClusterRun.Say("it is back");
            await Task.Delay(pause).ConfigureAwait(false);

            var minority = await BrokerOfAsync("client", brokers).ConfigureAwait(false);
            string members = await MembersAsync(minority, brokers).ConfigureAwait(false);
            double isCut = ClusterRun.Say($"broker {brokers.IndexOf(minority) + 1} is {(network is null ? "stopped" : "cut off")} ({members})");
            await CutAsync(brokers.IndexOf(minority), brokers, network, cut).ConfigureAwait(false);
            double healed = ClusterRun.Say(network is null ? "it continues" : "it is connected again");
            int pauses = minority.CountInLog("Cluster minority/secondary status detected");

            var report = await client.JoinAsync(TimeSpan.FromMinutes(8)).ConfigureAwait(false);
            double end = report.CompletedAt.Max();
            await run.CheckAsync(report).ConfigureAwait(false);
            Summarize("killed", killed, back);
            Summarize("comes back", back, isBack + pause.TotalSeconds - 1);
            Summarize(network is null ? "stopped" : "cut off", isCut, healed);
            Summarize("after that", healed, Math.Min(end, healed + (pause.TotalSeconds * 2)));
            if (network is not null) Console.WriteLine($"  the broker that was cut off {(pauses > 0 ? "has paused" : "has not paused")}");
            return run.Finish(report.ToString());

            void Summarize(string what, double from, double to)
            {
                int completed = report.Within(from, to);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {completed:N0} tasks completed in {to - from:F0} s, none for {report.LongestGap(from, to):F1} s at most"));
                if (completed == 0) run.Problems.Add($"no task completed in this time: {what}");
            }
        }
    }

    private static async Task CutAsync(int broker, List<RabbitMQServer> brokers, BrokerNetwork? network, TimeSpan time)
    {
        if (network is null)
        {
            await Signals.StopForAsync(brokers[broker].ProcessId, time).ConfigureAwait(false);
            return;
        }

        await network.CutAsync(broker).ConfigureAwait(false);
        await Task.Delay(time).ConfigureAwait(false);
        await network.HealAsync(broker).ConfigureAwait(false);
    }

    private static async Task<RabbitMQServer> LeaderAsync(ClusterRun run, List<RabbitMQServer> brokers)
    {
        string queues = await brokers[0].ControlAsync("list_queues", "--no-table-headers", "name", "leader").ConfigureAwait(false);
        string leader = queues.Split('\n').Single(line => line.StartsWith($"samovar.{run.Cluster}.tasks\t", StringComparison.Ordinal));
        return brokers.Single(broker => leader.Contains(broker.NodeName, StringComparison.Ordinal));
    }

    /// <summary>The broker to which a member is connected.</summary>
    private static async Task<RabbitMQServer> BrokerOfAsync(string member, List<RabbitMQServer> brokers)
    {
        string line = (await ConnectionsAsync(brokers[0]).ConfigureAwait(false)).First(line => line.Contains($"/{member} consume", StringComparison.Ordinal));
        return brokers.Single(broker => line.Contains(broker.NodeName, StringComparison.Ordinal));
    }

    private static async Task<string> MembersAsync(RabbitMQServer broker, List<RabbitMQServer> brokers)
    {
        string[] own = [.. (await ConnectionsAsync(brokers[0]).ConfigureAwait(false)).Where(line => line.Contains(broker.NodeName, StringComparison.Ordinal))];
        string[] members = [.. new[] { "client", "first", "second" }.Where(member => own.Any(line => line.Contains($"/{member} consume", StringComparison.Ordinal)))];
        return members.Length == 0 ? "no member is connected to it" : $"connected to it: {string.Join(", ", members)}";
    }

    private static async Task<string[]> ConnectionsAsync(RabbitMQServer broker) =>
        (await broker.ControlAsync("list_connections", "--no-table-headers", "pid", "client_properties").ConfigureAwait(false)).Split('\n');
}
