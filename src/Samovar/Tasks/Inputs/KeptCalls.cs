using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Tasks.Inputs;

/// <summary>The call of a delegate whose result its worker keeps. It is sent to the worker.</summary>
/// <param name="number">The number of the task.</param>
/// <param name="work">The delegate, as it was passed in.</param>
internal sealed class KeepCall<TResult>(long number, Delegate work) : IItemWork
{
    Delegate IItemWork.Work => work;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    public void Keep() => KeptValues.OfRunning.Put(number, ((Func<TResult>)work)());

    public async Task KeepAsync()
    {
        var values = KeptValues.OfRunning;
        values.Put(number, await (((Func<Task<TResult>>)work)() ?? throw KeptTasks.NoTask()).ConfigureAwait(false));
    }
}

/// <summary>The call of a delegate with a result that its worker keeps. It is sent to that worker.</summary>
/// <param name="input">The number of the task whose result is the argument.</param>
/// <param name="number">The number of the task itself.</param>
/// <param name="work">The delegate, as it was passed in.</param>
internal sealed class KeptCall<T, TResult>(long input, long number, Delegate work) : IItemWork
{
    Delegate IItemWork.Work => work;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    private T Value => (T)KeptValues.OfRunning.Get(input)!;

    public TResult Call() => ((Func<T, TResult>)work)(Value);

    public void Do() => ((Action<T>)work)(Value);

    public Task<TResult> CallAsync() => ((Func<T, Task<TResult>>)work)(Value);

    public Task DoAsync() => ((Func<T, Task>)work)(Value);

    public void Keep() => KeptValues.OfRunning.Put(number, ((Func<T, TResult>)work)(Value));

    public async Task KeepAsync()
    {
        var values = KeptValues.OfRunning;
        values.Put(number, await (((Func<T, Task<TResult>>)work)(Value) ?? throw KeptTasks.NoTask()).ConfigureAwait(false));
    }
}

/// <summary>The call of a delegate whose result is kept in this process.</summary>
/// <param name="core">The executor.</param>
/// <param name="work">The delegate, as it was passed in.</param>
/// <param name="call">The delegate with its argument, if it has one.</param>
internal sealed class LocalKeep<TResult>(ExecutorCore core, Delegate work, Delegate call) : IItemWork
{
    Delegate IItemWork.Work => work;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    public Kept<TResult> Keep() => Kept<TResult>.Here(core, ((Func<TResult>)call)());

    public async Task<Kept<TResult>> KeepAsync() => Kept<TResult>.Here(core, await (((Func<Task<TResult>>)call)() ?? throw KeptTasks.NoTask()).ConfigureAwait(false));
}

/// <summary>The call of a delegate with a result that is kept in this process.</summary>
/// <param name="value">The result.</param>
/// <param name="work">The delegate, as it was passed in.</param>
/// <param name="bringsResult">Whether the delegate returns a result.</param>
internal sealed class LocalKeptCall<T, TResult>(T value, Delegate work, bool bringsResult) : IItemWork
{
    Delegate IItemWork.Work => work;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    public TResult Call()
    {
        if (bringsResult) return ((Func<T, TResult>)work)(value);
        ((Action<T>)work)(value);
        return default!;
    }

    public async Task<TResult> CallAsync()
    {
        var running = ((Func<T, Task>)work)(value) ?? throw KeptTasks.NoTask();
        if (bringsResult) return await ((Task<TResult>)running).ConfigureAwait(false);
        await running.ConfigureAwait(false);
        return default!;
    }
}
