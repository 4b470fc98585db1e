using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>Turns the outcome of a task in the node's pool into the message for its owner.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class NodeResult
{
    public static ResultEntry Of(NodeItem item, string node)
    {
        var task = item.Task!;
        var key = item.Entry.Key;
        int worker = task.Worker?.Id ?? 0;
        int process = task.Worker?.ProcessId ?? 0;
        switch (task.State)
        {
            case FutureState.Succeeded:
                var status = task.Payload is not [1, ..] ? ResultStatus.Succeeded : item.IsNodeLeaving ? ResultStatus.Stopped : ResultStatus.Failed;
                return new ResultEntry(key, status, worker, process, task.Elapsed, task.Payload);
            case FutureState.Canceled when task.Worker is null:
                return new ResultEntry(key, ResultStatus.NotStarted, 0, 0, TimeSpan.Zero, default);
            case FutureState.Canceled:
                Exception stopped = new NodeLostException(node, $"Node '{node}' stopped while it ran task {key.Id}, attempt {key.Attempt}.");
                if (item.Actor is { LostBy: { } killed }) stopped = killed;
                return new ResultEntry(key, ResultStatus.Crashed, worker, process, task.RunTime, PayloadWriter.OfError(stopped));
            default:
                var error = task.Exception!;
                if (item.Actor is not null && error is ActorLostException { InnerException: { } cause })
                {
                    if (item.IsCall && task.Worker is null) return OfUnhosted(item, cause);
                    error = cause is WorkerCrashedException ? cause : new WorkerInitializationException(node, task.Core.Name, cause); // of the node's own initializer
                }

                status = error is WorkerCrashedException ? ResultStatus.Crashed : ResultStatus.Failed;
                return new ResultEntry(key, status, worker, process, task.RunTime, PayloadWriter.OfError(error));
        }
    }

    /// <summary>The outcome of an attempt whose result could not be sent.</summary>
    public static ResultEntry OfUnsent(ResultEntry result, Exception error)
    {
        var failure = new InvalidOperationException($"The result of task {result.Key.Id} ({result.Payload.Length:N0} bytes) could not be sent: {error.Message}", error);
        return result with { Status = ResultStatus.Failed, Payload = PayloadWriter.OfError(RemoteException.From(failure)) };
    }

    /// <summary>The outcome of an attempt that could not be started. A call cannot start when its actor has ended.</summary>
    public static ResultEntry OfFailedStart(NodeItem item, Exception error) => item is { IsCall: true, FetchError: null }
        ? OfUnhosted(item, error is ActorLostException { InnerException: { } cause } ? cause : error)
        : new(item.Entry.Key, ResultStatus.Failed, 0, 0, TimeSpan.Zero, PayloadWriter.OfError(error));

    /// <summary>The outcome of a call whose actor does not live here any more.</summary>
    public static ResultEntry OfUnhosted(NodeItem item, Exception cause) =>
        new(item.Entry.Key, ResultStatus.Unhosted, 0, 0, TimeSpan.Zero, PayloadWriter.OfError(cause));
}
