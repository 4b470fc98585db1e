using System.Diagnostics;
using Samovar.Cluster.Protocol;
using Samovar.Executors.Mapping;
using Samovar.Tasks.Running;

namespace Samovar.Cluster.Owner;

/// <summary>Queues tasks and publishes them in bundles: a task that comes alone travels at once; those that come while messages are on the way travel
/// together.</summary>
/// <remarks>The gate guards the queue. One loop takes bundles from it.</remarks>
internal sealed class TaskPublisher(ClusterCore core, OwnerTasks tasks)
{
    private const int MostTasks = 256;
    private const int MostBytes = 256 * 1024;

    /// <summary>How many messages are published and not confirmed.</summary>
    private const int Window = 64;

    private readonly Lock _gate = new();
    private readonly PriorityTaskQueue _queue = new(); // gate
    private readonly AsyncSignal _hasWork = new();
    private readonly SemaphoreSlim _window = new(Window);
    private readonly CancellationTokenSource _ending = new();

    public void Enqueue(Future future)
    {
        lock (_gate) _queue.Append(future);
        _hasWork.Set();
    }

    public void Remove(Future future)
    {
        lock (_gate) _queue.Remove(future);
    }

    public List<Future> TakeAll()
    {
        List<Future> taken = [];
        lock (_gate)
        {
            while (_queue.TakeFirst() is { } task) taken.Add(task);
        }

        return taken;
    }

    /// <summary>Publishes tasks until <see cref="End"/>.</summary>
    public async Task RunAsync(ClusterConnection connection)
    {
        while (true)
        {
            await _hasWork.WaitAsync().ConfigureAwait(false);
            if (_ending.IsCancellationRequested) return;
            while (true)
            {
                try
                {
                    await _window.WaitAsync(_ending.Token).ConfigureAwait(false); // first, so that tasks gather while the window is full
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                if (Take() is not { } bundle)
                {
                    _window.Release();
                    break;
                }

                _ = PublishAsync(connection, bundle);
            }
        }
    }

    /// <summary>Stops the loop; called when all tasks have completed.</summary>
    public void End()
    {
        _ending.Cancel();
        _hasWork.Set();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() => Debug.Assert(_queue.Count == 0 == _queue.Highest is null, "a queue with tasks has a highest priority");

    private Bundle? Take()
    {
        while (true)
        {
            List<Future> taken = [];
            TaskPriority priority;
            lock (_gate)
            {
                if (_queue.Highest is not { } highest) return null;
                priority = highest;
                int size = 0;
                while (taken.Count < MostTasks && size < MostBytes && _queue.Highest == priority && _queue.TakeFirst() is { } next)
                {
                    taken.Add(next);
                    size += (next.TaskState as ClusterTask)?.Length ?? 0;
                }

                CheckInvariantsLocked();
            }

            List<ClusterTask> sent = [];
            foreach (var future in taken)
            {
                if (!tasks.TrySend(future)) continue; // cancelled
                if (future.TaskState is ClusterTask task) sent.Add(task);

                // SYNC: queued or ending. The task is sent, then the shutdown's mode is read.
                if (core.IsDiscarding) core.CancelUnstartedTask(future);
            }

            if (sent.Count > 0) return new Bundle(priority, sent);
        }
    }

    private async Task PublishAsync(ClusterConnection connection, Bundle bundle)
    {
        try
        {
            await SendAsync(connection, bundle.Priority, bundle.Tasks).ConfigureAwait(false);
        }
        finally
        {
            _window.Release();
        }
    }

    private async Task SendAsync(ClusterConnection connection, TaskPriority priority, List<ClusterTask> sent)
    {
        try
        {
            if (Compose(connection, sent) is { } message)
                await core.Monitor.PublishAsync(connection, priority, core.Seal(MessageKind.Tasks, message), sent, static task => task.Trace).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The executor has stopped: all its tasks have completed.
        }
        catch (ArgumentException) when (sent.Count > 1)
        {
            foreach (var task in sent) await SendAsync(connection, priority, [task]).ConfigureAwait(false); // together they are too long for a message
        }
        catch (Exception error)
        {
            // The broker does not take the message: the queue is full, or the message is too long. Its tasks fail, unless they were cancelled.
            foreach (var task in sent) core.FailSent(task, error);
        }
    }

    private MessageWriter? Compose(ClusterConnection connection, List<ClusterTask> sent)
    {
        var entries = sent.ConvertAll(static task => task.CreateEntry());
        entries.RemoveAll(static entry => entry is null);
        if (entries.Count == 0) return null;
        var shared = sent.Where(static task => task.Shared is not null).Select(static task => task.Shared!.Body).DistinctBy(static body => body.Number).ToList();
        int definitions = sent.Max(static task => task.DefinitionsNeeded);
        return new TasksMessage(core.Id, core.Build, connection.Address, core.Definitions(definitions), shared, entries!).Write();
    }

    private sealed record Bundle(TaskPriority Priority, List<ClusterTask> Tasks);
}
