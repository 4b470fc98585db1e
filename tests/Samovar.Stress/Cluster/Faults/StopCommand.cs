using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Stops a node, the client and the broker for a time, under load.</summary>
internal static class StopCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (!ClusterRun.IsPossible()) return 2;
        var length = TimeSpan.FromSeconds(arguments.Number("seconds", 40));
        int perSecond = arguments.Number("rate", 40);
        var between = TimeSpan.FromSeconds(15);
        var broker = await RabbitMQServer.StartAsync().ConfigureAwait(false);
        await using (broker.ConfigureAwait(false))
        {
            var run = new ClusterRun(broker);
            await using (run.ConfigureAwait(false))
            {
                var first = run.StartNode("first", 2);
                run.StartNode("second", 2);
                int tasks = (int)(perSecond * ((between + length) * 3).TotalSeconds);
                var client = run.StartClient(tasks, perSecond, TimeSpan.FromMilliseconds(30), TimeSpan.FromMinutes(3));
                await using (client.ConfigureAwait(false))
                {
                    List<(string What, double From, double To)> stops = [];
                    foreach (var (what, process) in new[] { ("a node", first.Id), ("the client", client.Id), ("the broker", broker.ProcessId) })
                    {
                        await Task.Delay(between).ConfigureAwait(false);
                        double from = ClusterRun.Say($"{what} is stopped");
                        await Signals.StopForAsync(process, length).ConfigureAwait(false);
                        stops.Add((what, from, ClusterRun.Say($"{what} continues")));
                    }

                    var report = await client.JoinAsync(TimeSpan.FromMinutes(8)).ConfigureAwait(false);
                    await run.CheckAsync(report).ConfigureAwait(false);
                    foreach (var (what, from, to) in stops)
                        Console.WriteLine($"  {what} stopped for {to - from:F0} s: {report.Within(from, to):N0} tasks completed meanwhile, the next one {report.FirstAfter(to):F2} s after it");
                    return run.Finish(report.ToString());
                }
            }
        }
    }
}
