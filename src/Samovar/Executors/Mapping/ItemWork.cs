using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>The user's delegate of a map, of whichever kind it is.</summary>
/// <param name="Work">The delegate itself, as it was given: it may have to travel.</param>
/// <param name="Kind">How it is called.</param>
/// <param name="BringsResult">False for those of <c>ForEachAsync</c>.</param>
internal readonly record struct ItemWork<T, TResult>(Delegate Work, DelegateKind Kind, bool BringsResult)
{
    public bool IsAsynchronous => Kind >= DelegateKind.Asynchronous;

    /// <summary>Runs synchronous work.</summary>
    public TResult Run(T item, Future task)
    {
        if (BringsResult)
        {
            return Kind == DelegateKind.Synchronous
                ? ((Func<T, TResult>)Work)(item)
                : ((Func<T, CancellationToken, TResult>)Work)(item, task.GetToken());
        }

        if (Kind == DelegateKind.Synchronous) ((Action<T>)Work)(item);
        else ((Action<T, CancellationToken>)Work)(item, task.GetToken());
        return default!;
    }

    /// <summary>Starts asynchronous work.</summary>
    public Task Start(T item, Future task)
    {
        Task? started = (BringsResult, Kind) switch
        {
            (true, DelegateKind.Asynchronous) => ((Func<T, Task<TResult>>)Work)(item),
            (true, _) => ((Func<T, CancellationToken, Task<TResult>>)Work)(item, task.GetToken()),
            (false, DelegateKind.Asynchronous) => ((Func<T, Task>)Work)(item),
            (false, _) => ((Func<T, CancellationToken, Task>)Work)(item, task.GetToken()),
        };
        return started ?? throw new InvalidOperationException("The work returned null where a task was expected.");
    }

    /// <summary>The result of asynchronous work that has succeeded.</summary>
    public TResult ResultOf(Task ended) => BringsResult ? ((Task<TResult>)ended).GetAwaiter().GetResult() : default!;
}
