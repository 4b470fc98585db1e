using Samovar.Diagnostics.Metering;
using Samovar.Tasks.Core;

namespace Samovar.Tasks.Inputs;

/// <summary>Submits tasks that keep their results on their workers, or take kept results.</summary>
internal static class KeptTasks
{
    /// <summary>Submits a task whose result stays on its worker.</summary>
    public static Future<Kept<TResult>> Keep<TResult>(ExecutorCore core, Delegate work, DelegateKind kind, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (core.Remote is { } remote)
        {
            remote.CheckKeeps();
            return Submit<Kept<TResult>>(core, work, options, id =>
            {
                var call = new KeepCall<TResult>(id, work);
                return Placed(core, kind == DelegateKind.Synchronous ? call.Keep : (Func<Task>)call.KeepAsync, kind, place: null, options, id);
            });
        }

        return KeepHere<TResult>(core, work, work, kind, options);

        static Future<Kept<TResult>> Placed(ExecutorCore core, Delegate call, DelegateKind kind, KeptPlace? place, TaskOptions? options, long id) =>
            new PlacedFuture<Kept<TResult>>(core, call, kind, bringsResult: false, place, Kept<TResult>.On, options, id);
    }

    /// <summary>Submits a task to the worker that has a result; its own result stays there too.</summary>
    public static Future<Kept<TResult>> Keep<T, TResult>(Kept<T> input, Delegate work, DelegateKind kind, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        var core = input.Core;
        if (input.Place is { } place)
        {
            return SubmitTo<Kept<TResult>>(core, place, work, options, id =>
            {
                var call = new KeptCall<T, TResult>(place.Number, id, work);
                Delegate sent = kind == DelegateKind.Synchronous ? call.Keep : (Func<Task>)call.KeepAsync;
                return new PlacedFuture<Kept<TResult>>(core, sent, kind, bringsResult: false, place, Kept<TResult>.On, options, id);
            });
        }

        var value = input.Local;
        return kind == DelegateKind.Synchronous
            ? KeepHere<TResult>(core, work, (Func<TResult>)(() => ((Func<T, TResult>)work)(value)), kind, options)
            : KeepHere<TResult>(core, work, (Func<Task<TResult>>)(() => ((Func<T, Task<TResult>>)work)(value)), kind, options);
    }

    /// <summary>Submits a task to the worker that has a result.</summary>
    public static Future<TResult> Call<T, TResult>(Kept<T> input, Delegate work, DelegateKind kind, bool bringsResult, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        var core = input.Core;
        if (input.Place is { } place)
        {
            return SubmitTo<TResult>(core, place, work, options, id =>
            {
                var call = new KeptCall<T, TResult>(place.Number, id, work);
                Delegate sent = (kind == DelegateKind.Synchronous, bringsResult) switch
                {
                    (true, true) => call.Call,
                    (true, false) => call.Do,
                    (false, true) => call.CallAsync,
                    (false, false) => (Func<Task>)call.DoAsync,
                };
                return new PlacedFuture<TResult>(core, sent, kind, bringsResult, place, make: null, options, id);
            });
        }

        var local = new LocalKeptCall<T, TResult>(input.Local, work, bringsResult);
        return Submit<TResult>(core, work, options, id => new DelegateFuture<TResult>(
            core, kind == DelegateKind.Synchronous ? local.Call : (Func<Task<TResult>>)local.CallAsync, kind, options, id));
    }

    public static InvalidOperationException NoTask() => new("The work returned null where a task was expected.");

    private static Future<Kept<TResult>> KeepHere<TResult>(ExecutorCore core, Delegate work, Delegate call, DelegateKind kind, TaskOptions? options) =>
        Submit<Kept<TResult>>(core, work, options, id =>
        {
            var local = new LocalKeep<TResult>(core, work, call);
            Delegate kept = kind == DelegateKind.Synchronous ? local.Keep : (Func<Task<Kept<TResult>>>)local.KeepAsync;
            return new DelegateFuture<Kept<TResult>>(core, kept, kind, options, id);
        });

    private static Future<TResult> SubmitTo<TResult>(ExecutorCore core, KeptPlace place, Delegate work, TaskOptions? options, Func<long, Future<TResult>> create)
    {
        ObjectDisposedException.ThrowIf(!place.TryHold(), typeof(Kept<>));
        bool isHeld = true; // by this call, until a future has it
        try
        {
            return Submit(core, work, options, id =>
            {
                var future = create(id);
                isHeld = false;
                return future;
            });
        }
        finally
        {
            if (isHeld) place.Release();
        }
    }

    private static Future<TResult> Submit<TResult>(ExecutorCore core, Delegate work, TaskOptions? options, Func<long, Future<TResult>> create)
    {
        if (options?.RequiredAmounts is { } amounts) core.CheckResources(amounts);
        long id = core.Admit(options);
        var (span, outer) = TaskSpan.IsOn ? TaskSpan.BeginFor(work, core.Failures) : default;
        var future = create(id);
        TaskAdmission.Accept(future, span, outer);
        return future;
    }
}
