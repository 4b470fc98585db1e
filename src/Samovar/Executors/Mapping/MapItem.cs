using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>One item of a map with its work, in the form in which it is sent as a task of its own.</summary>
internal sealed class MapItem<T, TResult>(ItemWork<T, TResult> work, T item) : IItemWork
{
    Delegate IItemWork.Work => work.Work;

    int IItemWork.Count => 1;

    object? IItemWork.First => item;

    public ShippableWork GetShippable(ExecutorSharedWork? shared)
    {
        if (work.IsAsynchronous)
        {
            Delegate start = work.BringsResult ? (Func<Task<TResult>>)RunAsync : (Func<Task>)DoAsync;
            return new(start, DelegateKind.Asynchronous, work.BringsResult, shared);
        }

        Delegate run = work.BringsResult ? (Func<TResult>)Run : (Action)Do;
        return new(run, DelegateKind.Synchronous, work.BringsResult, shared);
    }

    private TResult Run() => work.Run(item, RunningTask.Current!);

    private void Do() => work.Run(item, RunningTask.Current!);

    private Task<TResult> RunAsync() => (Task<TResult>)work.Start(item, RunningTask.Current!);

    private Task DoAsync() => work.Start(item, RunningTask.Current!);
}
