using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Executors.Caching;
using Samovar.Executors.Mapping;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Represents a function whose results are kept in a <see cref="ResultCache"/>. Created by <c>executor.Cached</c>.</summary>
/// <remarks>
/// <para>All members are thread-safe.</para>
/// <para>Equal calls that are under way at the same time in one process compute the result once. Two processes may both compute it.</para>
/// <para>Failures are not kept: the next call computes again.</para>
/// </remarks>
/// <typeparam name="T">The type of the argument.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
[DebuggerDisplay("{Name,nq} ({Executor.Name,nq})")]
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "executor.Cached, which alone creates instances, has the annotation.")]
public sealed class CachedFunction<T, TResult>
{
    private readonly ItemWork<T, TResult> _work;
    private readonly CachedOptions _options;
    private readonly FunctionKeys _keys;

    internal CachedFunction(Executor executor, string name, ResultCache cache, Delegate work, DelegateKind kind, CachedOptions? options)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(work, "function");
        ArgumentNullException.ThrowIfNull(cache);
        options ??= CachedOptions.Default;
        Executor = executor;
        Name = name;
        Cache = cache;
        _work = new ItemWork<T, TResult>(work, kind, bringsResult: true);
        _options = options.Name is null ? options with { Name = name } : options;
        _keys = new FunctionKeys(name, options.Version, work, typeof(T), typeof(TResult));
    }

    /// <summary>Gets the name, which is part of the keys and appears in lists of the cache.</summary>
    public string Name { get; }

    /// <summary>Gets the executor that computes the results.</summary>
    public Executor Executor { get; }

    /// <summary>Gets the cache that keeps the results.</summary>
    public ResultCache Cache { get; }

    /// <summary>Returns the result for an argument: from the cache if it is there; otherwise the function runs as a task of the executor, and the result is
    /// stored before the call completes.</summary>
    /// <param name="argument">The argument. Two arguments are equal if their contents are; the object itself does not matter.</param>
    /// <param name="cancellationToken">Cancels the call. The task is cancelled when no other call waits for it.</param>
    /// <returns>A task for the result. Calls that share a computation get the same object; a result from the cache is always a new object.</returns>
    /// <exception cref="Serialization.UnshippableException">The argument, or a variable that the function captured, cannot be serialized, so that
    /// there is no key.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down. Results that are in the cache are returned all the same.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full, and <see cref="QueueFullMode.Reject"/> is set.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the task was.</exception>
    public Task<TResult> CallAsync(T argument, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<TResult>(cancellationToken);
        ResultCacheKey key;
        try
        {
            key = _keys.KeyOf(argument);
        }
        catch (Serialization.ShippingException error)
        {
            return Task.FromException<TResult>(error);
        }

        return StoredResults.TryGet(Cache, key, out TResult? result)
            ? Task.FromResult(result!)
            : ExternalWorkTracker.TrackExternalAsync(Executor.Core, ComputeAsync(key, argument, cancellationToken));
    }

    /// <summary>Removes the result for an argument from the cache, so that the next call computes it again.</summary>
    /// <param name="argument">The argument.</param>
    /// <returns>Whether the result was in the cache.</returns>
    /// <exception cref="Serialization.UnshippableException">The argument, or a variable that the function captured, cannot be serialized.</exception>
    public bool Forget(T argument) => Cache.Remove(_keys.KeyOf(argument));

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Executor.Name})";

    private async Task<TResult> ComputeAsync(ResultCacheKey key, T argument, CancellationToken cancellationToken)
    {
        var call = Cache.Pending.Join<TResult>(key, out bool isFirst);
        if (isFirst) Begin(call, argument);
        else Cache.CountShared();
        if (call.Computation is { IsCompleted: false } computation) NestedWait.Note(computation); // this may be a task of the same executor, whose worker is needed
        try
        {
            return await call.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Cache.Pending.Leave(call);
        }
    }

    private void Begin(PendingCall<TResult> call, T argument)
    {
        try
        {
            var task = new MapItem<T, TResult>(_work, argument).GetShippable(shared: null);
            call.Watch(Executor.SubmitCore<TResult>(task.Work, task.Kind, _options), Finished);
        }
        catch (Exception error)
        {
            // The executor does not accept the task: all callers get the error.
            Cache.Pending.End(call);
            call.Fail(error);
        }
    }

    private void Finished(PendingCall<TResult> call, Future<TResult> computation)
    {
        try
        {
            // Stored before the call completes, so that a later call finds the result in the cache or among the calls that are under way.
            if (computation.State == FutureState.Succeeded) StoredResults.Set(Cache, call.Key, Name, computation.ResultUnchecked);
        }
        finally
        {
            // Even if the memory is exhausted while the result is stored: the callers have a result.
            Cache.Pending.End(call);
            call.Complete(computation);
        }
    }
}
