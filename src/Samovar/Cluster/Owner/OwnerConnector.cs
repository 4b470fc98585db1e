using System.Diagnostics;
using Samovar.Cluster.Members;

namespace Samovar.Cluster.Owner;

/// <summary>Connects an owner to its cluster: repeats attempts with growing pauses, and reports when they have failed for too long. Thread-safe.</summary>
internal sealed class OwnerConnector(ClusterTransport transport, ClusterMember member, TimeSpan limit, Action<Exception> failed, MemberMonitor monitor)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource<ClusterConnection> _connected = CreateSource(); // gate
    private Exception? _refusal; // gate

    /// <summary>The error for callers, if attempts have failed for too long; null otherwise.</summary>
    public Exception? Refusal
    {
        get
        {
            lock (_gate) return _refusal;
        }
    }

    /// <summary>The connection, once there is one; fails with the error of the attempts when they have failed for too long.</summary>
    public Task<ClusterConnection> Connected
    {
        get
        {
            lock (_gate) return _connected.Task;
        }
    }

    /// <summary>Connects; returns null if <see cref="End"/> was called before.</summary>
    public async Task<ClusterConnection?> RunAsync(ClusterReceiver receiver)
    {
        var pause = s_firstPause;
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                var connection = await transport.ConnectAsync(member, receiver, _ending.Token).ConfigureAwait(false);
                monitor.Connected(connection, transport.Endpoint);
                Succeed(connection);
                return connection;
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                return null;
            }
            catch (Exception error)
            {
                // Fails tasks if it lasts; a broker that restarts is there again soon.
                monitor.ConnectFailed(error);
                if (Stopwatch.GetElapsedTime(began) >= limit) Fail(error);
            }

            try
            {
                await Task.Delay(pause, _ending.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    /// <summary>Stops the attempts.</summary>
    public void End()
    {
        _ending.Cancel();
        var ended = new ObjectDisposedException(member.Name, $"Executor '{member.Name}' has been shut down.");
        lock (_gate)
        {
            if (_connected.TrySetException(ended)) _ = _connected.Task.Exception; // observed: only for callers that wait
        }
    }

    private static TaskCompletionSource<ClusterConnection> CreateSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Succeed(ClusterConnection connection)
    {
        TaskCompletionSource<ClusterConnection> connected;
        lock (_gate)
        {
            _refusal = null;
            if (_connected.Task.IsCompleted) _connected = CreateSource();
            connected = _connected;
        }

        connected.TrySetResult(connection);
    }

    private void Fail(Exception error)
    {
        TaskCompletionSource<ClusterConnection> connected;
        lock (_gate)
        {
            _refusal = error;
            if (_connected.Task.IsCompleted) _connected = CreateSource();
            connected = _connected;
        }

        connected.TrySetException(error);
        _ = connected.Task.Exception; // observed: it is reported through the tasks
        failed(error);
    }
}
