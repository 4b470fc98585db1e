using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>The user's delegate of a map, of any kind.</summary>
/// <remarks>A class with a number for the kind, so that the code that sends it to a worker is precompiled for all types of items and results.</remarks>
/// <param name="work">The delegate itself, as it was passed in: it may have to be serialized.</param>
/// <param name="kind">How the delegate is called.</param>
/// <param name="bringsResult">Whether the delegate returns a result; false for <c>ForEachAsync</c>.</param>
internal sealed class ItemWork<T, TResult>(Delegate work, DelegateKind kind, bool bringsResult)
{
    private readonly int _kind = (int)kind;

    public Delegate Work { get; } = work;

    public DelegateKind Kind => (DelegateKind)_kind;

    public bool BringsResult { get; } = bringsResult;

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

    /// <summary>Returns the result of asynchronous work that has succeeded.</summary>
    public TResult ResultOf(Task ended) => BringsResult ? ((Task<TResult>)ended).GetAwaiter().GetResult() : default!;
}
