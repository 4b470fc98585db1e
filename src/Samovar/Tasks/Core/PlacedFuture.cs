using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The future of a task in another process that takes a kept result, or leaves its own there, or both.</summary>
/// <param name="core">The executor.</param>
/// <param name="call">The delegate that is sent.</param>
/// <param name="kind">How the delegate is called.</param>
/// <param name="bringsResult">Whether the delegate returns the result; otherwise, <paramref name="make"/> creates it.</param>
/// <param name="place">The result that the task takes, which it releases; null for none.</param>
/// <param name="make">Creates the result of a task that has succeeded; null if its delegate returns it, or it has none.</param>
/// <param name="options">The options.</param>
/// <param name="id">The number of the task.</param>
internal sealed class PlacedFuture<TResult>(
    ExecutorCore core, Delegate call, DelegateKind kind, bool bringsResult, KeptPlace? place, Func<Future, TResult>? make, TaskOptions? options, long id)
    : Future<TResult>(core, options, id, kind: kind)
{
    private Delegate? _call = call;
    private KeptPlace? _place = place; // Interlocked

    internal override bool IsAsynchronous => Kind >= DelegateKind.Asynchronous;

    internal override Delegate? MeteredWork => Volatile.Read(ref _call) is { } call ? ((IItemWork)call.Target!).Work : null;

    internal override ShippableWork GetShippable() => Volatile.Read(ref _call) is { } call
        ? new(call, Kind, bringsResult) { Place = Volatile.Read(ref _place) }
        : throw new ObjectDisposedException(Core.Name, $"Task {Id} has completed.");

    internal override void Complete(int attempt, ResultSource result)
    {
        if (make is null)
        {
            Succeed(attempt, bringsResult ? result.Read<TResult>(Core.Meter) : default!);
            return;
        }

        var made = make(this);
        Succeed(attempt, made);
        if (State != FutureState.Succeeded) (made as IDisposable)?.Dispose(); // it ran past its timeout
    }

    private protected override Task? Invoke(int attempt) => throw NotHere();

    private protected override void Collect(int attempt, Task work) => throw NotHere();

    private protected override void ReleaseWork()
    {
        Volatile.Write(ref _call, null);
        Interlocked.Exchange(ref _place, null)?.Release();
    }

    private InvalidOperationException NotHere() => new($"Task {Id} of '{Core.Name}' runs in another process.");
}
