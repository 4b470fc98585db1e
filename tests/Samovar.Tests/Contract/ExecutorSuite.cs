using System.Reflection;

namespace Samovar.Tests.Contract;

/// <summary>What the parts of <see cref="ExecutorContract"/> share. Each part is a class that the next one derives from.</summary>
public abstract class ExecutorSuite
{
    protected const Capabilities Beside = Capabilities.RunsBesideCaller;
    protected const Capabilities Shared = Capabilities.SharesMemory;
    protected const Capabilities Several = Capabilities.RunsSeveralAtOnce;

    protected static readonly TimeSpan Limit = TimeSpan.FromMinutes(7);

    protected abstract Executor Build(ContractOptions options);

    /// <summary>Whether the executor can do all of this.</summary>
    protected bool Can(Capabilities needs) => GetType().GetCustomAttribute<CanAttribute>()!.Capabilities.HasFlag(needs);

    /// <summary>A gate that work of this executor can pass, wherever it runs.</summary>
    protected virtual Gate NewGate() => new();

    /// <summary>Begins to occupy one worker and returns when it is occupied; opening <paramref name="release"/> frees it.</summary>
    protected async Task<Future> OccupyAsync(Executor executor, Gate release)
    {
        var started = NewGate();
        var future = executor.Submit(() =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();
        return future;
    }

    protected Executor Build(int workers = 1, TimeProvider? time = null, string? name = null, TimeSpan? grace = null) =>
        Build(new ContractOptions
        {
            Workers = workers,
            Name = name,
            Time = time ?? TimeProvider.System,
            Grace = grace ?? TimeSpan.FromSeconds(1),
        });

    // If a lambda of the test captures the executor, a lambda in the same scope that is sent to a worker would capture it too.
    protected static Action Passing(Gate gate) => () => gate.Pass();

    protected static Action Opening(Gate gate) => () => gate.Open();

    /// <summary>Reports that it has started, then waits for its token, or for a gate that is never opened.</summary>
    protected static Action<CancellationToken> WaitingForToken(Gate started, Gate never) => token =>
    {
        started.Open();
        never.Pass(token);
    };

    protected static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }
}
