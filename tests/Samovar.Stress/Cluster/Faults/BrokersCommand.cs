using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Three brokers as a cluster, behind an address that leads to one that works: the leader is killed and comes back, then another one is stopped
/// for a time.</summary>
internal static class BrokersCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (!ClusterRun.IsPossible()) return 2;
        var stop = TimeSpan.FromSeconds(arguments.Number("seconds", 40));
        int perSecond = arguments.Number("rate", 40);
        List<RabbitMQServer> brokers = [await RabbitMQServer.StartAsync().ConfigureAwait(false)];
        try
        {
            for (int i = 0; i < 2; i++) brokers.Add(await RabbitMQServer.StartAsync(first: brokers[0]).ConfigureAwait(false));
            var proxy = new CuttingProxy(brokers[0].Port);
            await using (proxy.ConfigureAwait(false))
            {
                var run = new ClusterRun(brokers[0], proxy.Port);
                await using (run.ConfigureAwait(false)) return await RunAsync(run, brokers, proxy, stop, perSecond).ConfigureAwait(false);
            }
        }
        finally
        {
            for (int i = brokers.Count - 1; i >= 0; i--) await brokers[i].DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<int> RunAsync(ClusterRun run, List<RabbitMQServer> brokers, CuttingProxy proxy, TimeSpan stop, int perSecond)
    {
        var pause = TimeSpan.FromSeconds(15);
        run.StartNode("first", 2);
        run.StartNode("second", 2);
        int tasks = (int)(perSecond * ((pause * 4) + stop).TotalSeconds);
        var client = run.StartClient(tasks, perSecond, TimeSpan.FromMilliseconds(30), TimeSpan.FromMinutes(1.5));
        await using (client.ConfigureAwait(false))
        {
            await Task.Delay(pause).ConfigureAwait(false);
            string queues = await brokers[0].ControlAsync("list_queues", "name", "type", "leader").ConfigureAwait(false);
            Console.WriteLine($"  queues with their leaders:\n{queues}");
            double killed = ClusterRun.Say("the broker of all leaders is killed, and the address leads to another one");
            await brokers[0].KillBrokerAsync().ConfigureAwait(false);
            proxy.Target = brokers[1].Port;
            proxy.Cut();
            await Task.Delay(pause).ConfigureAwait(false);
            double back = ClusterRun.Say("it comes back");
            await brokers[0].StartBrokerAsync().ConfigureAwait(false);
            await Task.Delay(pause).ConfigureAwait(false);
            double stopped = ClusterRun.Say("a broker without clients is stopped");
            await Signals.StopForAsync(brokers[2].ProcessId, stop).ConfigureAwait(false);
            double healed = ClusterRun.Say("it continues");

            var report = await client.JoinAsync(TimeSpan.FromMinutes(8)).ConfigureAwait(false);
            await run.CheckAsync(report).ConfigureAwait(false);
            Console.WriteLine($"  killed: {report.Within(killed, back):N0} tasks completed until it came back, the first {report.FirstAfter(killed + 0.5) + 0.5:F1} s after the kill");
            Console.WriteLine($"  stopped: {report.Within(stopped, healed):N0} tasks completed meanwhile");
            if (report.Within(killed, back) == 0) run.Problems.Add("no task completed while the leader was dead");
            if (report.Within(stopped, healed) == 0) run.Problems.Add("no task completed while a minority was stopped");
            return run.Finish(report.ToString());
        }
    }
}
