using System.Runtime.CompilerServices;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <content>Tasks whose starter waits until they are ready.</content>
public sealed partial class TaskGroup
{
    /// <summary>Starts a task of the group and waits until it reports that it is ready.</summary>
    /// <remarks>Until then the task also belongs to the scope around this call: a deadline there cancels the task, and the call throws. An error
    /// before the task is ready is thrown by this call and does not fail the group. Once the task is ready, it is like any other task of the group.
    /// At all times, operations of the task on <see cref="CancelScope.Current"/> affect the group's scope.</remarks>
    /// <param name="work">The work to run. It is passed the signal to report with.</param>
    /// <param name="name">The task's name in reports; null for none.</param>
    /// <param name="sourceFile">The file that contains the call. Supplied by the compiler.</param>
    /// <param name="sourceLine">The line of the call. Supplied by the compiler.</param>
    /// <returns>A task that completes when the started task is ready.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The group accepts no more tasks, or the task completed without reporting that it was
    /// ready.</exception>
    /// <exception cref="OperationCanceledException">The group, or the scope around this call, was cancelled before the task was ready.</exception>
    /// <example>
    /// <code>
    /// int port = await group.StartAsync&lt;int>(async signal =>
    /// {
    ///     signal.Ready(8080); // StartAsync returns this value, and the task continues
    ///     await EventLoop.SleepAsync(TimeSpan.FromHours(1));
    /// });
    /// Console.WriteLine($"ready on port {port}");
    /// </code>
    /// </example>
    public Task StartAsync(
        Func<StartSignal, Task> work, string? name = null, [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(work);
        return StartAsync<bool>(signal => work(new StartSignal(signal)), name, sourceFile, sourceLine);
    }

    /// <inheritdoc cref="StartAsync(Func{StartSignal, Task}, string?, string, int)"/>
    /// <typeparam name="T">The type of the value that the task passes to its starter.</typeparam>
    /// <returns>The value that the task passed to <see cref="StartSignal{T}.Ready"/>.</returns>
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
            : throw new OperationCanceledException($"{Label} was cancelled before the task started.", CancellationToken);
    }

    /// <summary>Completes with a task, in the context of its awaiter. Task combinators would resume on the thread pool if they waited for a source
    /// that runs its continuations asynchronously, and so leave the loop's order.</summary>
    private static async Task EndOfAsync(Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
}
