using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Tasks.Inputs;

/// <summary>The user's delegate of a dependent task, with the results of its inputs as arguments. It can be sent to another process, without the futures
/// that the results came from.</summary>
/// <param name="work">The delegate, as it was passed in.</param>
/// <param name="kind">How the delegate is called.</param>
/// <param name="bringsResult">Whether the delegate returns a result.</param>
internal abstract class DependentCall<TResult>(Delegate work, DelegateKind kind, bool bringsResult) : IItemWork
{
    public Delegate Work => work;

    public DelegateKind Kind => kind;

    public bool BringsResult => bringsResult;

    public bool IsAsynchronous => kind >= DelegateKind.Asynchronous;

    int IItemWork.Count => 1;

    /// <inheritdoc/>
    public abstract object? First { get; }

    /// <summary>Takes the results of the inputs, which have succeeded.</summary>
    public abstract void Take(Future[] inputs);

    /// <summary>Runs synchronous work.</summary>
    public TResult Run()
    {
        if (bringsResult) return Call();
        Do();
        return default!;
    }

    /// <summary>Starts asynchronous work.</summary>
    public Task Start() => Begin() ?? throw new InvalidOperationException("The work returned null where a task was expected.");

    /// <summary>Returns the result of asynchronous work that has succeeded.</summary>
    public TResult ResultOf(Task ended) => bringsResult ? ((Task<TResult>)ended).GetAwaiter().GetResult() : default!;

    /// <summary>Returns the call as one delegate that can be sent.</summary>
    /// <param name="shared">The work as the executor captured it when the task was submitted; null if it is sent with the call.</param>
    public ShippableWork GetShippable(ExecutorSharedWork? shared)
    {
        Delegate call = (IsAsynchronous, bringsResult) switch
        {
            (false, true) => (Func<TResult>)Call,
            (false, false) => (Action)Do,
            (true, true) => (Func<Task<TResult>>)StartForResult,
            (true, false) => (Func<Task>)Start,
        };
        return new ShippableWork(call, kind, bringsResult, shared);
    }

    /// <summary>Calls a synchronous delegate that returns a result.</summary>
    protected abstract TResult Call();

    /// <summary>Calls a synchronous delegate without a result.</summary>
    protected abstract void Do();

    /// <summary>Calls an asynchronous delegate.</summary>
    protected abstract Task? Begin();

    private Task<TResult> StartForResult() => (Task<TResult>)Start();
}
