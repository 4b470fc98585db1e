using Samovar.Tests.Brokers;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Tasks that run, and wait on a busy node, for longer than the broker waits for acknowledgements.</summary>
internal static class AckTimeoutCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (!ClusterRun.IsPossible()) return 2;
        int seconds = arguments.Number("seconds", 60);
        var broker = await RabbitMQServer.StartAsync(
            configuration: $"consumer_timeout = {seconds * 1000}", settings: $"-rabbit channel_tick_interval {seconds * 200}").ConfigureAwait(false);
        await using (broker.ConfigureAwait(false))
        {
            var run = new ClusterRun(broker);
            await using (run.ConfigureAwait(false))
            {
                Console.WriteLine(LoadClient.HoldLimit is null ? "  nodes have no limit for holding messages" : $"  nodes hold messages for at most {seconds / 2.0:F0} s");
                run.StartNode("node", 1, seconds / 2.0);
                var client = run.StartClient(3, 2, TimeSpan.FromSeconds(seconds * 1.8), TimeSpan.FromSeconds(seconds * 8));
                await using (client.ConfigureAwait(false))
                {
                    double began = ClusterRun.Say($"three tasks of {seconds * 1.8:F0} s, one worker, and a broker that waits {seconds} s");
                    var report = await client.JoinAsync(TimeSpan.FromSeconds(seconds * 10)).ConfigureAwait(false);
                    await run.CheckAsync(report).ConfigureAwait(false);
                    int timeouts = broker.CountInLog("timed out waiting for delivery acknowledgement");
                    if (report.Of(FutureState.Succeeded) != 3) run.Problems.Add("not all three tasks succeeded");
                    if (timeouts > 0 && LoadClient.HoldLimit is not null) run.Problems.Add($"the broker closed {timeouts} channels, although nodes acknowledge in time");
                    return run.Finish($"{report}, after {string.Join(", ", report.CompletedAt.Select(at => $"{at - began:F0}"))} s; the broker closed {timeouts} channels");
                }
            }
        }
    }
}
