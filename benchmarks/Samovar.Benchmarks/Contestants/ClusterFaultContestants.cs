using System.Diagnostics;
using System.Net.Sockets;

namespace Samovar.Benchmarks.Contestants;

/// <summary>How soon a cluster over RabbitMQ works again after a failure, and how soon a node runs a program that it does not have.</summary>
internal static class ClusterFaultContestants
{
    private const int BuildBytes = 5_000_000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P18.killed Samovar", static _ => KilledAsync()),
        new("P18.restarted Samovar", static _ => RestartedAsync()),
        new("P18.cold Samovar", static _ => ColdAsync()),
    ];

    // In seconds, from the kill of the node that runs a task with a retry to the result of its second attempt, on the other node.
    private static async IAsyncEnumerable<double> KilledAsync()
    {
        await using var broker = await ClusterContestants.StartBrokerAsync();
        await using var cluster = new RunningCluster(broker);
        await cluster.StartNodeAsync();
        while (true)
        {
            await cluster.StartNodeAsync();
            var future = cluster.Executor.Submit(RunsForever, new() { Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } });
            string node = await NodeOfAsync(future);
            long began = Stopwatch.GetTimestamp();
            cluster.Kill(node);
            await future;
            yield return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
    }

    // In seconds, from when a broker that was killed listens again to the result of a task that was submitted before.
    private static async IAsyncEnumerable<double> RestartedAsync()
    {
        await using var broker = await ClusterContestants.StartBrokerAsync();
        await using var cluster = new RunningCluster(broker);
        await cluster.StartNodeAsync();
        await cluster.Executor.Submit(static () => 1);
        await broker.SaveQueuesAsync();
        while (true)
        {
            await cluster.Executor.Submit(static () => 1);
            await broker.KillBrokerAsync();
            var future = cluster.Executor.Submit(static () => 1);
            var listening = ListenedAsync(broker.Port);
            await broker.StartBrokerAsync();
            long began = await listening;
            await future;
            yield return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
    }

    // In seconds, from the submission of a task by a program that no node has, with 5 MB that cannot be compressed, to its result.
    private static async IAsyncEnumerable<double> ColdAsync()
    {
        await using var broker = await ClusterContestants.StartBrokerAsync();
        while (true)
        {
            var data = Directory.CreateTempSubdirectory("samovar-cold-data-");
            var programs = Directory.CreateTempSubdirectory("samovar-cold-programs-");
            try
            {
                byte[] bytes = new byte[BuildBytes];
                Random.Shared.NextBytes(bytes);
                await File.WriteAllBytesAsync(Path.Combine(data.FullName, "data.bin"), bytes);
                await using var cluster = new RunningCluster(broker, new Dictionary<string, string>(StringComparer.Ordinal) { ["data"] = data.FullName });
                await cluster.StartNodeAsync(programs.FullName);
                long began = Stopwatch.GetTimestamp();
                await cluster.Executor.Submit(static () => 1);
                yield return Stopwatch.GetElapsedTime(began).TotalSeconds;
            }
            finally
            {
                data.Delete(recursive: true);
                programs.Delete(recursive: true);
            }
        }
    }

    private static int RunsForever()
    {
        if (TaskContext.Current!.Attempt == 1) TaskContext.Current.CancellationToken.WaitHandle.WaitOne();
        return 1;
    }

    private static async Task<string> NodeOfAsync(Future future)
    {
        while (future.State != FutureState.Running || future.Worker is null) await Task.Delay(s_pause);
        return future.Worker.Name.Split(' ')[^1];
    }

    /// <summary>Waits until a port accepts connections.</summary>
    /// <returns>The time stamp.</returns>
    private static async Task<long> ListenedAsync(int port)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port);
                return Stopwatch.GetTimestamp();
            }
            catch (SocketException)
            {
                await Task.Delay(s_pause);
            }
        }
    }
}
