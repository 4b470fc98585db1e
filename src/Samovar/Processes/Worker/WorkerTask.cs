using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Worker;

/// <summary>A task in the worker that runs it.</summary>
/// <typeparam name="T">The type of the result; <see cref="NoResult"/> for none.</typeparam>
internal sealed class WorkerTask<T>(WorkerLoop loop, in TaskHeader header, TaskOptions? options, Delegate work)
    : Future<T>(loop.Core, options, header.Id, header.Attempt)
{
    private readonly TaskHeader _header = header;
    private Delegate? _work = work;

    internal override bool IsAsynchronous => _header.Kind >= DelegateKind.Asynchronous;

    private bool BringsResult => (_header.Flags & TaskFlags.BringsResult) != TaskFlags.None;

    internal override CancellationToken GetToken()
    {
        loop.Control.ListenWhileRunning();
        return base.GetToken();
    }

    internal override void ReportProgress(TaskProgress progress) => loop.Results.WriteProgress(_header.Ticket, progress);

    internal override ShippableWork GetShippable() => throw NotHere();

    internal override void Complete(int attempt, ResultSource result) => throw NotHere();

    private protected override Task? Invoke(int attempt)
    {
        var call = _work!;
        if (BringsResult)
        {
            switch (_header.Kind)
            {
                case DelegateKind.Synchronous:
                    Succeed(attempt, ((Func<T>)call)());
                    return null;
                case DelegateKind.SynchronousWithToken:
                    Succeed(attempt, ((Func<CancellationToken, T>)call)(GetToken()));
                    return null;
                case DelegateKind.Asynchronous:
                    return ((Func<Task<T>>)call)() ?? throw NoTask();
                default:
                    return ((Func<CancellationToken, Task<T>>)call)(GetToken()) ?? throw NoTask();
            }
        }

        switch (_header.Kind)
        {
            case DelegateKind.Synchronous:
                ((Action)call)();
                break;
            case DelegateKind.SynchronousWithToken:
                ((Action<CancellationToken>)call)(GetToken());
                break;
            case DelegateKind.Asynchronous:
                return ((Func<Task>)call)() ?? throw NoTask();
            default:
                return ((Func<CancellationToken, Task>)call)(GetToken()) ?? throw NoTask();
        }

        Succeed(attempt, default!);
        return null;
    }

    private protected override void Collect(int attempt, Task work) =>
        Succeed(attempt, BringsResult ? ((Task<T>)work).GetAwaiter().GetResult() : default!);

    internal override Delegate? MeteredWork => _work;

    private protected override void ReleaseWork() => _work = null;

    private static InvalidOperationException NoTask() => new("The work returned null where a task was expected.");

    private InvalidOperationException NotHere() => new($"Task {Id} of '{Core.Name}' runs in this worker and cannot be sent to another one.");
}
