using System.Diagnostics;
using Samovar.Cluster.Protocol;
using Samovar.Executors.Mapping;
using Samovar.Tasks.Running;

namespace Samovar.Cluster.Owner;

/// <summary>Queues tasks and publishes them in bundles: a task that comes alone travels at once; those that come while messages are on the way travel
/// together. Tasks with long work have a lane of their own, because their work is stored first.</summary>
/// <remarks>The gate guards the queues. One loop takes bundles from each.</remarks>
internal sealed class TaskPublisher(ClusterCore core, OwnerTasks tasks)
{
    private const int MostBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Lane _short = new(mostTasks: 256, window: 64);
    private readonly Lane _long = new(mostTasks: 1, window: 4);
    private readonly HashSet<Future> _queuedLong = []; // gate: the tasks in the lane of long work; a task that was cancelled does not know its lane
    private readonly CancellationTokenSource _ending = new();

    public void Enqueue(Future future)
    {
        var lane = future.TaskState is ClusterTask { IsLong: true } ? _long : _short;
        lock (_gate)
        {
            lane.Queue.Append(future);
            if (lane == _long) _queuedLong.Add(future);
        }

        lane.HasWork.Set();
    }

    public void Remove(Future future)
    {
        lock (_gate)
        {
            if (_queuedLong.Remove(future)) _long.Queue.Remove(future);
            else _short.Queue.Remove(future);
            CheckInvariantsLocked();
        }
    }

    public List<Future> TakeAll()
    {
        List<Future> taken = [];
        lock (_gate)
        {
            foreach (var lane in new[] { _short, _long })
            {
                while (lane.Queue.TakeFirst() is { } task) taken.Add(task);
            }

            _queuedLong.Clear();
        }

        return taken;
    }

    /// <summary>Publishes tasks until <see cref="End"/>.</summary>
    public Task RunAsync(ClusterConnection connection) => Task.WhenAll(RunAsync(connection, _short), RunAsync(connection, _long));

    /// <summary>Stops the loops; called when all tasks have completed.</summary>
    public void End()
    {
        _ending.Cancel();
        _short.HasWork.Set();
        _long.HasWork.Set();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_short.Queue.Count == 0 == _short.Queue.Highest is null, "a queue with tasks has a highest priority");
        Debug.Assert(_queuedLong.Count == _long.Queue.Count, "the tasks with long work are listed");
    }

    private async Task RunAsync(ClusterConnection connection, Lane lane)
    {
        while (true)
        {
            await lane.HasWork.WaitAsync().ConfigureAwait(false);
            if (_ending.IsCancellationRequested) return;
            while (true)
            {
                try
                {
                    await lane.Window.WaitAsync(_ending.Token).ConfigureAwait(false); // first, so that tasks gather while the window is full
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                if (Take(lane) is not { } bundle)
                {
                    lane.Window.Release();
                    break;
                }

                _ = PublishAsync(connection, lane, bundle);
            }
        }
    }

    private Bundle? Take(Lane lane)
    {
        while (true)
        {
            List<Future> taken = [];
            TaskPriority priority;
            lock (_gate)
            {
                if (lane.Queue.Highest is not { } highest) return null;
                priority = highest;
                int size = 0;
                while (taken.Count < lane.MostTasks && size < MostBytes && lane.Queue.Highest == priority && lane.Queue.TakeFirst() is { } next)
                {
                    taken.Add(next);
                    size += (next.TaskState as ClusterTask)?.Length ?? 0;
                    if (lane == _long) _queuedLong.Remove(next);
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

    private async Task PublishAsync(ClusterConnection connection, Lane lane, Bundle bundle)
    {
        try
        {
            var (priority, sent) = bundle;
            foreach (var ofNode in sent.GroupBy(static task => task.Future.Controls?.Grant?.Source?.Node)) // null for those that any node may run
            {
                List<ClusterTask> ready = [.. ofNode];
                var waiting = ready.FindAll(static task => task.Shared is { IsReady: false });
                if (waiting.Count > 0) ready = [.. ready.Except(waiting)]; // they do not wait for the work that others share
                var first = ready.Count > 0 ? SendAsync(connection, priority, ofNode.Key, ready) : Task.CompletedTask;
                if (waiting.Count > 0) await SendAsync(connection, priority, ofNode.Key, waiting).ConfigureAwait(false);
                await first.ConfigureAwait(false);
            }
        }
        finally
        {
            lane.Window.Release();
        }
    }

    private async Task SendAsync(ClusterConnection connection, TaskPriority priority, Guid? node, List<ClusterTask> sent)
    {
        try
        {
            foreach (var task in sent)
            {
                if (task.Shared is { IsReady: false } shared) await shared.StoreAsync().ConfigureAwait(false);
                await task.StoreAsync().ConfigureAwait(false);
            }

            if (Compose(connection, sent) is { } message)
            {
                byte[] sealedMessage = core.Seal(MessageKind.Tasks, message);
                if (node is null) await core.Monitor.PublishAsync(connection, priority, sealedMessage, sent, static task => task.Trace).ConfigureAwait(false);
                else if (tasks.AddressOf(node.Value) is { } address) await connection.SendAsync(address, sealedMessage).ConfigureAwait(false); // what does not arrive is sent again
            }

            foreach (var task in sent) task.LeaveQueue();
        }
        catch (Exception error) when (error is ObjectDisposedException or OperationCanceledException)
        {
            // The executor has stopped: all its tasks have completed.
        }
        catch (ArgumentException) when (sent.Count > 1)
        {
            foreach (var task in sent) await SendAsync(connection, priority, node, [task]).ConfigureAwait(false); // together they are too long for a message
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

    /// <summary>A queue with its loop.</summary>
    /// <param name="mostTasks">How many tasks a message has at most.</param>
    /// <param name="window">How many messages are published and not confirmed.</param>
    private sealed class Lane(int mostTasks, int window)
    {
        public int MostTasks => mostTasks;

        public PriorityTaskQueue Queue { get; } = new(); // gate of the publisher

        public AsyncSignal HasWork { get; } = new();

        public SemaphoreSlim Window { get; } = new(window);
    }
}
