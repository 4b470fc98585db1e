using System.Globalization;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;

namespace Samovar.Cli.Cluster;

/// <summary>Runs <c>samovar worker</c>: a node of a cluster, until a signal or an operator makes it leave.</summary>
/// <param name="request">What to run.</param>
/// <param name="log">Receives a line for each event.</param>
internal sealed class WorkerJob(WorkerRequest request, TextWriter log)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    /// <summary>How often the log reports messages that were refused since the last report.</summary>
    private static readonly TimeSpan s_refusalInterval = TimeSpan.FromSeconds(10);

    private ClusterConnection? _connection; // Volatile

    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">The broker could not be reached in time.</exception>
    public async Task<int> RunAsync(LeaveSignal signal)
    {
        var transport = new ObservedTransport(request.Target.Transport, Connected, Changed);
        await using var node = new ClusterNode(transport, request.Options);
        if (!await ConnectAsync(node, signal.Leave))
        {
            Say("stopped before it was connected");
            return ExitCode.Success;
        }

        var broker = Volatile.Read(ref _connection)!.Broker; // SYNC: worker connected
        Say($"node '{node.Name}' is connected to {request.Target} ({broker.Product}) and takes tasks, {Count(request.Options.Workers, "worker")}{Resources()}");
        using var left = new CancellationTokenSource();
        Task<long> refusals = ReportRefusalsAsync(node, left.Token);
        await WaitAsync(node, signal.Leave);
        Say($"node '{node.Name}' takes no more tasks, and waits{Limit()} for {Count(node.Running, "running task")}{(signal.Leave.IsCancellationRequested ? "; Ctrl-C cancels them" : "")}");
        await using (signal.Hurry.UnsafeRegister(static (job, _) => ((WorkerJob)job!).Say("cancels the running tasks"), this))
            await node.StopAsync(signal.Hurry);
        await left.CancelAsync();
        ReportRefusals(node, await refusals);
        Say($"node '{node.Name}' has left the cluster; {Count(node.Completed, "task")} completed");
        return signal.Hurry.IsCancellationRequested ? signal.CutShort : ExitCode.Success;
    }

    /// <summary>Connects, with growing pauses between attempts. Returns false if the worker is to leave.</summary>
    private async Task<bool> ConnectAsync(ClusterNode node, CancellationToken leave)
    {
        long began = request.Time.GetTimestamp();
        string? reported = null;
        for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                await node.StartAsync(leave);
                return true;
            }
            catch (OperationCanceledException) when (leave.IsCancellationRequested)
            {
                return false;
            }
            catch (ClusterConnectionException error)
            {
                if (request.ConnectTimeout is { } limit && request.Time.GetElapsedTime(began) >= limit) throw new UsageException(error.Message, ExitCode.NoAnswer);
                if (error.Message != reported) Say($"{error.Message} Attempts are repeated until one succeeds");
                reported = error.Message;
            }

            try
            {
                await Task.Delay(pause, request.Time, leave);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    /// <summary>Waits until a signal or an operator makes the node leave.</summary>
    private static async Task WaitAsync(ClusterNode node, CancellationToken leave)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leave, node.Leaving);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<long> ReportRefusalsAsync(ClusterNode node, CancellationToken left)
    {
        using var timer = new PeriodicTimer(s_refusalInterval, request.Time);
        long reported = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(left)) reported = ReportRefusals(node, reported);
        }
        catch (OperationCanceledException)
        {
            return reported; // the node has left
        }

        return reported;
    }

    private long ReportRefusals(ClusterNode node, long reported)
    {
        long refused = node.RefusedMessages;
        if (refused > reported) Say($"node '{node.Name}' has refused {Count(refused, "message")} that it cannot verify: compare the keys and the clocks of the members");
        return refused;
    }

    private void Connected(ClusterConnection connection) => Volatile.Write(ref _connection, connection); // SYNC: worker connected

    private void Changed(ClusterConnectionState state, Exception? cause)
    {
        string why = cause is null ? "" : $": {TextFormat.FirstLine(cause.Message).TrimEnd('.')}";
        switch (state)
        {
            case ClusterConnectionState.Connected:
                Say("the connection to the broker works again");
                break;
            case ClusterConnectionState.Blocked:
                Say($"the broker accepts no messages at the moment{why}");
                break;
            case ClusterConnectionState.Interrupted:
                Say($"the connection to the broker is interrupted{why}. Running tasks continue, and attempts to connect are repeated");
                break;
            case ClusterConnectionState.Closed:
                break; // the node leaves
        }
    }

    private void Say(string what) => log.WriteLine($"samovar: {what}.");

    private string Resources() => request.Options.Resources is { Count: > 0 } amounts ? $"; its resources: {amounts}" : "";

    private string Limit() => request.Options.DrainTimeout == Timeout.InfiniteTimeSpan ? "" : $" up to {Summary.Span(request.Options.DrainTimeout)}";

    private static string Count(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");
}
