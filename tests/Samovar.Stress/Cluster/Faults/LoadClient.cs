using System.Collections.Concurrent;
using System.Globalization;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>The programs of a run: the client, its tasks, and the nodes. Each runs in a process of its own.</summary>
internal static class LoadClient
{
    public const int Attempts = 4;

    /// <summary>Submits tasks evenly, and waits for all of them.</summary>
    public static async Task<LoadReport> RunAsync(LoadSettings settings)
    {
        var transport = Transport(settings.Uri, "client");
        var executor = new ClusterExecutor(transport, new() { Cluster = settings.Cluster, Name = "client", Keys = KeysFor(transport), ConnectTimeout = TimeSpan.FromMinutes(2) });
        var futures = new Future<int>[settings.Tasks];
        double[] completedAt = new double[settings.Tasks];
        int[] completions = new int[settings.Tasks];
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / settings.PerSecond));
        for (int i = 0; i < settings.Tasks; i++)
        {
            int task = i;
            futures[i] = Submit(executor, settings, i);
            futures[i].OnCompleted((Future _) =>
            {
                completedAt[task] = Now();
                Interlocked.Increment(ref completions[task]);
            });
            if (settings.IsCanceled(i - 10)) futures[i - 10].Cancel();
            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }

        await Futures.WaitAsync(futures, timeout: settings.Limit).ConfigureAwait(false); // the report shows which tasks are not complete
        FutureState[] outcomes = [.. futures.Select(static future => future.State)];
        var errors = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        foreach (var future in futures.Where(static future => future.State == FutureState.Failed)) errors.AddOrUpdate(future.Exception!.GetType().Name, 1, static (_, count) => count + 1);
        var report = new LoadReport(outcomes, completedAt, new(errors, StringComparer.Ordinal), completions);
        try
        {
            await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(false);
            return report;
        }
        catch (TimeoutException)
        {
            return report with { HasNotStopped = true };
        }
    }

    /// <summary>Runs a node until it is requested to exit, and lets it leave then.</summary>
    public static async Task RunNodeAsync(string uri, string cluster, string name, int workers, double holdSeconds, CancellationToken token)
    {
        var transport = Transport(uri, name);
        var options = new ClusterNodeOptions { Cluster = cluster, Name = name, Keys = KeysFor(transport), Workers = workers };
        if (holdSeconds > 0) HoldLimit?.SetValue(options, TimeSpan.FromSeconds(holdSeconds));
        var node = new ClusterNode(transport, options);
        await using (node.ConfigureAwait(false)) await node.RunAsync(token).ConfigureAwait(false);
    }

    /// <summary>The option for how long a node holds messages; null in versions without it.</summary>
    public static System.Reflection.PropertyInfo? HoldLimit { get; } =
        typeof(ClusterNodeOptions).GetProperty("HoldLimit", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public);

    public static double Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    // Members whose broker has a network of its own need one; nothing else is in that network.
    private static ClusterKeys? KeysFor(RabbitMQTransport transport) => transport.IsLocal ? null : ClusterKeys.Parse($"stress:{Convert.ToBase64String(new byte[32])}");

    private static RabbitMQTransport Transport(string uri, string name) => new(uri, new() { LoggerFactory = new RunLog(name) });

    private static Future<int> Submit(ClusterExecutor executor, LoadSettings settings, int task)
    {
        string folder = settings.Folder;
        var length = settings.Length;
        return executor.Submit(token => WorkAsync(folder, task, length, token),
            LoadSettings.Retries(task) ? new() { Retry = new() { MaxAttempts = Attempts, Delay = TimeSpan.FromMilliseconds(100) } } : null);
    }

    private static async Task<int> WorkAsync(string folder, int task, TimeSpan length, CancellationToken token)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{task} {TaskContext.Current!.Attempt}\n");
        await File.AppendAllTextAsync(Path.Combine(folder, $"starts-{Environment.ProcessId}"), line, token).ConfigureAwait(false);
        await Task.Delay(length, token).ConfigureAwait(false);
        return task;
    }
}
