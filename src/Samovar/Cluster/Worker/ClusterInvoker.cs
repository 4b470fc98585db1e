using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Worker;

/// <summary>Calls delegates with one type of result, and serializes the result. Created by reflection once for each type of delegate. Thread-safe.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal abstract class ClusterInvoker
{
    private static readonly ConcurrentDictionary<(Type Delegate, DelegateKind Kind, bool BringsResult), ClusterInvoker> s_known = new();

    public static ClusterInvoker For(Type work, DelegateKind kind, bool bringsResult) =>
        s_known.GetOrAdd((work, kind, bringsResult), static key => Create(key.Delegate, key.Kind, key.BringsResult));

    /// <summary>Calls synchronous work and returns its payload. Throws what the work throws, or why its result cannot be serialized.</summary>
    public abstract byte[] Run(Delegate work, CancellationToken token);

    /// <summary>Calls asynchronous work and returns its payload. If the work fails, that is its error, with the trace that it has there, and the activity
    /// is marked as failed.</summary>
    public abstract Task<byte[]> RunAsync(Delegate work, Activity? span, CancellationToken token);

    private static ClusterInvoker Create(Type work, DelegateKind kind, bool bringsResult)
    {
        var result = typeof(NoResult);
        if (bringsResult)
        {
            result = work.GetMethod("Invoke")!.ReturnType;
            if (kind >= DelegateKind.Asynchronous) result = result.GetGenericArguments()[0];
        }

        return (ClusterInvoker)Activator.CreateInstance(typeof(ClusterInvoker<>).MakeGenericType(result), kind, bringsResult)!;
    }
}

/// <inheritdoc/>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ClusterInvoker<T>(DelegateKind kind, bool bringsResult) : ClusterInvoker
{
    public override byte[] Run(Delegate work, CancellationToken token)
    {
        if (bringsResult)
        {
            return PayloadWriter.OfResult(kind == DelegateKind.Synchronous ? ((Func<T>)work)() : ((Func<CancellationToken, T>)work)(token));
        }

        if (kind == DelegateKind.Synchronous) ((Action)work)();
        else ((Action<CancellationToken>)work)(token);
        return [];
    }

    public override async Task<byte[]> RunAsync(Delegate work, Activity? span, CancellationToken token)
    {
        Task? started = (bringsResult, kind) switch
        {
            (true, DelegateKind.Asynchronous) => ((Func<Task<T>>)work)(),
            (true, _) => ((Func<CancellationToken, Task<T>>)work)(token),
            (false, DelegateKind.Asynchronous) => ((Func<Task>)work)(),
            (false, _) => ((Func<CancellationToken, Task>)work)(token),
        };
        if (started is null) throw new InvalidOperationException("The work returned null where a task was expected.");
        await started.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        if (!started.IsCompletedSuccessfully)
        {
            var error = TaskErrors.Of(started);
            ClusterTrace.Fail(span, error, token);
            return PayloadWriter.OfError(error);
        }

        return bringsResult ? PayloadWriter.OfResult(((Task<T>)started).GetAwaiter().GetResult()) : [];
    }
}
