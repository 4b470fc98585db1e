using System.Runtime.CompilerServices;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <content>Tasks whose starter waits until they are ready.</content>
public sealed partial class TaskGroup
{
    /// <summary>Starts a task of the group and waits until it says that it is ready.</summary>
    /// <remarks>Until then the task belongs to the scope around this call too: a deadline there cancels the task, and the call throws. An error before that is thrown here and is none
    /// of the group's. After it the task is like any other. Before and after, what it does to <see cref="CancelScope.Current"/> it does to the group's scope.</remarks>
    /// <param name="work">What to run; it is given the signal.</param>
    /// <param name="name">Its name in reports.</param>
    /// <param name="sourceFile">Left to the compiler: where it was started.</param>
    /// <param name="sourceLine">Left to the compiler.</param>
    /// <exception cref="InvalidOperationException">The group takes no more tasks, or the task ended without having been ready.</exception>
    /// <exception cref="OperationCanceledException">The group, or the scope around this call, was cancelled before.</exception>
    public Task StartAsync(
        Func<StartSignal, Task> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(work);
        return StartAsync<bool>(signal => work(new StartSignal(signal)), name, sourceFile, sourceLine);
    }

    /// <inheritdoc cref="StartAsync(Func{StartSignal, Task}, string?, string, int)"/>
    /// <typeparam name="T">The type of what the task brings when it is ready.</typeparam>
    /// <returns>What the task brought.</returns>
    public async Task<T> StartAsync<T>(
        Func<StartSignal<T>, Task> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(work);
        var starter = CancelScope.Current;
        if (starter is { IsCancellationRequested: true }) return await RefusedWait.Cancel<T>(starter.Token).ConfigureAwait(true);
        bool canBeGivenUp = starter is not null && !ReferenceEquals(starter, Scope);
        var signal = new StartSignal<T>();
        var task = Run(() => signal.RunAsync(work, canBeGivenUp ? Scope : null), name, sourceFile, sourceLine).AsTask();
        var registration = canBeGivenUp
            ? starter!.Token.UnsafeRegister(static (signal, token) => ((StartSignal<T>)signal!).GiveUp(token), signal)
            : default;
        try
        {
            await Task.WhenAny(EndOfAsync(signal.Task), EndOfAsync(task)).ConfigureAwait(true);
        }
        finally
        {
            registration.Unregister();
        }

        return signal.Task.IsCompleted
            ? await signal.Task.ConfigureAwait(true)
            : throw new OperationCanceledException($"{Label} was cancelled before the task began.", CancellationToken);
    }

    /// <summary>Ends with a task, where its awaiter belongs: what combines tasks would take the way over the thread pool from a source that runs its
    /// continuations asynchronously, and so leave the order of the loop.</summary>
    private static async Task EndOfAsync(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
}
