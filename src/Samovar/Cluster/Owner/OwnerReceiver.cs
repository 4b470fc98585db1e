using System.Diagnostics.CodeAnalysis;
using System.Text;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;
using Samovar.Processes.Parent;
using Samovar.Serialization;

namespace Samovar.Cluster.Owner;

/// <summary>Checks what arrives at an owner, answers claims at once, and completes futures one after the other on the thread pool, because that may run
/// code of the program.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class OwnerReceiver(ClusterCore core, EnvelopeSeal seal, OwnerTasks tasks) : ClusterReceiver
{
    private readonly SerialCallbackQueue _callbacks = new();
    private readonly ResultReaders _readers = new(); // used by the callbacks only
    private readonly HashSet<string> _fetched = new(StringComparer.Ordinal); // used by the callbacks only: the keys of the results that are being fetched
    private int _fetching; // Interlocked

    /// <summary>How many tasks have completed, and their results are being fetched.</summary>
    public int Fetching => Volatile.Read(ref _fetching);

    /// <summary>Completes when everything that has arrived was processed.</summary>
    public Task FlushAsync()
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _callbacks.Add(flushed.SetResult);
        return flushed.Task;
    }

    /// <summary>Runs an action in order with the completions.</summary>
    public void InOrder(Action action) => _callbacks.Add(action);

    /// <summary>Gives a delivery back: an owner consumes no tasks.</summary>
    public override void OnDelivery(ClusterDelivery delivery) => delivery.Return();

    public override void OnReply(ReadOnlyMemory<byte> message)
    {
        if (!TryOpen(message, out var envelope)) return;
        var sender = envelope.Sender;
        try
        {
            switch (envelope.Kind)
            {
                case MessageKind.Claim:
                    tasks.Decide(sender, ClaimMessage.Read(envelope.Body));
                    break;
                case MessageKind.Results:
                    var results = ResultsMessage.Read(envelope.Body);
                    _callbacks.Add(() => CompleteAll(sender, results));
                    break;
                case MessageKind.Started:
                    var started = StartedMessage.Read(envelope.Body);
                    _callbacks.Add(() => NoteStart(sender, started));
                    break;
                case MessageKind.Running:
                    tasks.Reconcile(sender, RunningMessage.Read(envelope.Body));
                    break;
                case MessageKind.Progress:
                    var progress = ProgressMessage.Read(envelope.Body);
                    _callbacks.Add(() => NoteProgress(sender, progress));
                    break;
                case MessageKind.Redelivered:
                    core.Probe(sender, KeysMessage.Read(envelope.Body));
                    break;
                case MessageKind.Ended:
                    tasks.NoteEnded(sender, KeysMessage.Read(envelope.Body));
                    break;
                case MessageKind.Live:
                    var live = LiveMessage.Read(envelope.Body);
                    _callbacks.Add(() => Deliver(sender, live));
                    break;
                case MessageKind.ProgramRequest:
                    core.SendProgram(ProgramRequestMessage.Read(envelope.Body));
                    break;
                default:
                    break; // not for an owner
            }
        }
        catch (MessageFormatException)
        {
            // A member sends what it should not. The node of a lost task is silent, or repeats the message.
            core.Monitor.RefusedMalformed();
        }
    }

    public override void OnBroadcast(ReadOnlyMemory<byte> message)
    {
        if (!TryOpen(message, out var envelope)) return;
        if (envelope is { Kind: MessageKind.Hello, Body.IsEmpty: false }) core.SayAlive();
        if (envelope.Kind != MessageKind.Beacon) return;
        try
        {
            var beacon = BeaconMessage.Read(envelope.Body);
            var lost = tasks.Note(envelope.Sender, envelope.Build, beacon);
            if (lost.Count > 0) _callbacks.Add(() => core.FailLost(lost, beacon.Name, $"Node '{beacon.Name}' left the cluster"));
            core.NoteResources(envelope.Sender, beacon);
            if (core.Actor is { } actor && beacon.State == NodeState.Gone) _callbacks.Add(actor.CheckNode);
        }
        catch (MessageFormatException)
        {
            // A member sends what it should not. The node of a lost task is silent, or repeats the message.
            core.Monitor.RefusedMalformed();
        }
    }

    public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
    {
        core.Monitor.StateChanged(state, cause);
        tasks.ForgetSilence();
        if (state == ClusterConnectionState.Connected) core.SayHello();
    }

    private bool TryOpen(ReadOnlyMemory<byte> message, out Envelope envelope)
    {
        var verdict = seal.Open(message, out envelope);
        if (verdict == EnvelopeVerdict.Valid) return true;
        core.Monitor.Refused(verdict);
        return false;
    }

    private void CompleteAll(Guid sender, ResultsMessage message)
    {
        List<ResultEntry> refused = [];
        foreach (var result in message.Results)
        {
            if (result.Status == ResultStatus.Refused) refused.Add(result);
            else Complete(sender, result);
        }

        if (refused.Count > 0) Refuse(sender, refused);
        core.Send(message.Address, MessageKind.Settled, KeysMessage.Write([.. message.Results.Select(static result => result.Key)]));
    }

    /// <summary>Publishes what a node cannot run again, for others; fails it if all have refused.</summary>
    private void Refuse(Guid sender, List<ResultEntry> results)
    {
        var (failed, returned) = tasks.Refuse(sender, results.Select(static result => result.Key));
        foreach (var key in failed)
        {
            string reason = Encoding.UTF8.GetString(results.Find(result => result.Key == key)!.Payload.Span);
            var refused = tasks.TakeUnstarted(key, sender);
            refused?.EndUnstarted(FutureState.Failed, new NoMatchingNodeException(reason));
        }

        foreach (var group in returned.GroupBy(static entry => entry.Pause, static entry => entry.Key)) core.PublishAgain([.. group], group.Key);
    }

    private void Complete(Guid sender, ResultEntry result)
    {
        if (result.Status == ResultStatus.Dropped)
        {
            if (tasks.TakeUnstarted(result.Key, sender) is { } dropped)
            {
                core.EnqueueAgain(dropped);
                return;
            }

            if (!tasks.IsDropped(result)) return;
        }

        // First: a node that reports the instance meanwhile must not be requested to kill it.
        if (core.Actor is { } actor && result.Status == ResultStatus.Succeeded && tasks.PlaceOf(sender, result.Key) is { } place) actor.Created(place);
        if (tasks.Take(sender, result.Key, out string node) is not { } task)
        {
            core.Monitor.Duplicate();
            // The attempt has an outcome: this one, again, or another one.
            if (result.Blob is { } unwanted && !_fetched.Contains(unwanted.Key)) core.Blobs.Delete(unwanted);
            return;
        }

        var future = task.Future;
        int attempt = result.Key.Attempt;
        task.Elapsed = result.Elapsed;
        if (result.Worker != 0) future.NoteExactStart(WorkerOf(node, result.Worker, result.ProcessId), attempt, future.StartedTimestamp, hasEnded: true);
        core.Meter?.Weighed(Diagnostics.Metering.ShippingDirection.Receive, result.Blob?.Length ?? result.Payload.Length);
        if (result.Blob is null)
        {
            End(future, attempt, result, node);
            return;
        }

        task.HasEnded = true;
        _fetched.Add(result.Blob.Key);
        Interlocked.Increment(ref _fetching);
        _ = FetchAsync(future, attempt, result, result.Blob, node);
    }

    /// <summary>Fetches a result that is a blob, and completes its task after that. The outcomes of others do not wait for it.</summary>
    private async Task FetchAsync(Future future, int attempt, ResultEntry result, BlobReference blob, string node)
    {
        Action end;
        try
        {
            byte[] payload = await core.Blobs.FetchAsync(blob).ConfigureAwait(false);
            end = () => End(future, attempt, result with { Payload = payload, Blob = null }, node);
        }
        catch (OperationCanceledException)
        {
            end = () => future.EndAsCanceled(attempt); // the executor is killed
        }
        catch (Exception error)
        {
            end = () => future.EndWithError(attempt, new IOException($"The result of task {future.Id} ({blob.Length:N0} bytes) could not be fetched: {error.Message}", error));
        }

        _callbacks.Add(() =>
        {
            _fetched.Remove(blob.Key);
            Interlocked.Decrement(ref _fetching);
            core.Blobs.Delete(blob);
            end();
        });
    }

    private void End(Future future, int attempt, ResultEntry result, string node)
    {
        try
        {
            Complete(future, attempt, result, node);
        }
        catch (Exception error)
        {
            future.EndWithError(attempt, error); // the result cannot be read: only this task fails
        }
    }

    private void Complete(Future future, int attempt, ResultEntry result, string node)
    {
        bool wasCanceled = (future.IsCancelRequested || core.IsKilling) && !future.IsTimeoutRequested;
        bool hasNotStarted = result.Status is ResultStatus.NotStarted or ResultStatus.Dropped or ResultStatus.Unhosted;
        var place = (future.TaskState as ClusterTask)?.Place; // of a call of an actor
        var lost = place is not null && result.Status is ResultStatus.Crashed or ResultStatus.Unhosted ? Read(result).Read<Exception>(core.Meter) : null;
        if (lost is not null) core.Actor!.Lose(place!, lost); // first: what follows depends on what becomes of the actor
        if ((result.Status == ResultStatus.Crashed || hasNotStarted) && wasCanceled)
        {
            future.EndAsCanceled(attempt);
        }
        else if (hasNotStarted && !future.IsTimeoutRequested && future.TryRequeue(attempt))
        {
            core.EnqueueAgain(future); // it counts as another attempt, although no worker has seen this one
        }
        else if (result.Status == ResultStatus.Succeeded)
        {
            future.Complete(attempt, Read(result));
        }
        else
        {
            var error = hasNotStarted ? new OperationCanceledException() : lost ?? Read(result).Read<Exception>(core.Meter);
            if (result.Status == ResultStatus.Stopped && error is OperationCanceledException && !future.IsStopRequested)
                error = new NodeLostException(node, $"Node '{node}' left the cluster and cancelled task {future.Id}, attempt {attempt}, which it ran.");
            bool isLost = result.Status == ResultStatus.Crashed || (result.Status == ResultStatus.Stopped && error is NodeLostException);
            future.EndWithError(attempt, place is not null && isLost ? core.Actor!.LoseRunning(place, error) : error);
        }
    }

    private ClusterResult Read(ResultEntry result)
    {
        if (result.Payload.IsEmpty) return new ClusterResult(_readers.For(default), default, result.Elapsed);
        var payload = ResultPayload.Read(result.Payload);
        return new ClusterResult(_readers.For(payload), payload.Body, result.Elapsed);
    }

    private void NoteProgress(Guid sender, ProgressMessage message)
    {
        if (tasks.FindRunning(sender, message.Key, out _) is not { } task || message.Number < task.ProgressReceived) return; // completed, or received before
        task.ProgressReceived = message.Number + 1;
        task.Future.ReportProgress(message.Progress);
    }

    private void NoteStart(Guid sender, StartedMessage message)
    {
        if (tasks.FindRunning(sender, message.Key, out string node) is not { Future: var future }) return;
        var left = core.Time.GetElapsedTime(future.StartedTimestamp) - message.Delay;
        long began = left > TimeSpan.Zero ? future.StartedTimestamp + (long)(message.Delay.TotalSeconds * core.Time.TimestampFrequency) : core.Time.GetTimestamp();
        future.NoteExactStart(WorkerOf(node, message.Worker, message.ProcessId), message.Key.Attempt, began, hasEnded: false);
    }

    private WorkerIdentity WorkerOf(string node, int worker, int process) => new(worker, $"{core.Name} {node} #{worker}") { ProcessId = process };

    private void Deliver(Guid sender, LiveMessage message)
    {
        if (tasks.FindRunning(sender, message.Key, out _) is not { Ports: { } ports } task || message.Number < task.LiveReceived) return; // completed, or received before
        task.LiveReceived = message.Number + 1;
        ports.DeliveryOf(message.Port, () => Shipping.Unpack<object?>(message.Packed.Span))?.Invoke();
    }
}
