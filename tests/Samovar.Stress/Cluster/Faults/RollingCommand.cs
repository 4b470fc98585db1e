using System.Globalization;
using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Nodes join and leave one after the other, under load.</summary>
internal static class RollingCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (!ClusterRun.IsPossible()) return 2;
        int count = arguments.Number("count", 10);
        int perSecond = arguments.Number("rate", 40);
        var broker = await RabbitMQServer.StartAsync().ConfigureAwait(false);
        await using (broker.ConfigureAwait(false))
        {
            var run = new ClusterRun(broker);
            await using (run.ConfigureAwait(false))
            {
                var nodes = new Queue<ChildProcess>([run.StartNode("node-1", 2), run.StartNode("node-2", 2)]);
                var client = run.StartClient(perSecond * count * 6, perSecond, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(2));
                await using (client.ConfigureAwait(false))
                {
                    double slowest = 0;
                    for (int i = 0; i < count; i++)
                    {
                        await Task.Delay(TimeSpan.FromSeconds(3)).ConfigureAwait(false);
                        nodes.Enqueue(run.StartNode(string.Create(CultureInfo.InvariantCulture, $"node-{i + 3}"), 2));
                        await Task.Delay(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
                        var leaving = nodes.Dequeue();
                        double began = LoadClient.Now();
                        leaving.Terminate();
                        await leaving.JoinAsync(TimeSpan.FromMinutes(1)).ConfigureAwait(false);
                        slowest = Math.Max(slowest, LoadClient.Now() - began);
                    }

                    var report = await client.JoinAsync(TimeSpan.FromMinutes(5)).ConfigureAwait(false);
                    await run.CheckAsync(report).ConfigureAwait(false);
                    if (report.Of(FutureState.Failed) != 0) run.Problems.Add("tasks failed, although each node let its own complete");
                    return run.Finish($"{count} nodes joined and left ({slowest:F1} s at most): {report}");
                }
            }
        }
    }
}
