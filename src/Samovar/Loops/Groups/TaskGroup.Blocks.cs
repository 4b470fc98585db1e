using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Samovar.Loops.Groups;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>The block, and how it ends.</content>
public sealed partial class TaskGroup
{
    /// <summary>Runs a block of tasks and returns when all of them have ended.</summary>
    /// <param name="body">Starts the tasks. It may end before them.</param>
    /// <param name="options">Name and limits; null for none.</param>
    /// <param name="cancellationToken">Cancels body and tasks from outside.</param>
    /// <param name="sourceFile">Left to the compiler: where the block stands.</param>
    /// <param name="sourceLine">Left to the compiler.</param>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is null.</exception>
    /// <exception cref="AggregateException">Several tasks failed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled from outside.</exception>
    public static Task RunAsync(
        Func<TaskGroup, Task> body, TaskGroupOptions? options = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        var group = new TaskGroup(options, policy: null, sourceFile, sourceLine);
        return UnaskedCancellation.FailsIn(group.RunBlockAsync(body, cancellationToken), group, static group => group.HasNoErrors);
    }

    /// <inheritdoc cref="RunAsync(Func{TaskGroup, Task}, TaskGroupOptions?, CancellationToken, string, int)"/>
    public static Task RunAsync(
        Action<TaskGroup> body, TaskGroupOptions? options = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync(
            group =>
            {
                body(group);
                return Task.CompletedTask;
            },
            options, cancellationToken, sourceFile, sourceLine);
    }

    /// <inheritdoc cref="RunAsync(Func{TaskGroup, Task}, TaskGroupOptions?, CancellationToken, string, int)"/>
    /// <typeparam name="T">The type of the body's result.</typeparam>
    public static Task<T> RunAsync<T>(
        Func<TaskGroup, Task<T>> body, TaskGroupOptions? options = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        var group = new TaskGroup(options, policy: null, sourceFile, sourceLine);
        return UnaskedCancellation.FailsIn(ResultOfAsync(group, body, cancellationToken), group, static group => group.HasNoErrors);
    }

    private static async Task<T> ResultOfAsync<T>(TaskGroup group, Func<TaskGroup, Task<T>> body, CancellationToken cancellationToken)
    {
        T result = default!;
        bool hasResult = false;
        await group.RunBlockAsync(
            async opened =>
            {
                result = await body(opened).ConfigureAwait(true);
                hasResult = true;
            },
            cancellationToken).ConfigureAwait(true);
        return hasResult ? result : throw new OperationCanceledException($"{group.Label} was cancelled before its body had a result.", group.CancellationToken);
    }

    /// <summary>After the end: whether what came out, if it is a cancellation, was asked for. One that nobody asked for is among the errors.</summary>
    private bool HasNoErrors => _errors is null;

    internal async Task RunBlockAsync(Func<TaskGroup, Task> body, CancellationToken cancellationToken)
    {
        Scope.Attach();
        var registration = Scope.Obey(cancellationToken);
        if (_parent is not null) _parent.Add(this);
        else if (Loop is { } loop) ScopedLoopOwner.Of(loop).Groups.Add(this);
        else GroupsOffLoops.Add(this);
        try
        {
            await RunBodyAsync(body).ConfigureAwait(true);
            if (CloseBody()) _empty.TrySetResult();
            await _empty.Task.ConfigureAwait(true);
        }
        finally
        {
            registration.Unregister();
            Scope.Detach();
            if (_parent is not null) _parent.Remove(this);
            else if (Loop is { } loop) ScopedLoopOwner.Of(loop).Groups.Remove(this);
            else GroupsOffLoops.Remove(this);
        }

        ThrowIfFailed();
    }

    private async Task RunBodyAsync(Func<TaskGroup, Task> body)
    {
        try
        {
            AmbientFrame.Current = new AmbientFrame(Scope, _parent); // undone with the method
            var running = body(this);
            await running.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            if (running.IsCanceled && IsCanceled) BodyWasCanceled(); // known without a throw, which a chain of groups would pay at each level
            else await running.ConfigureAwait(true);
        }
        catch (OperationCanceledException) when (IsCanceled)
        {
            BodyWasCanceled();
        }
        catch (Exception error)
        {
            // Comes out of the block, with those of the tasks.
            lock (Gate) (_errors ??= []).Add(error);
            Scope.Cancel();
        }
    }

    /// <summary>Asked for: what comes out of the block says by whom.</summary>
    private void BodyWasCanceled()
    {
        lock (Gate) _anyCanceled = true;
    }

    /// <summary>The body has ended. True: nothing of the group is left.</summary>
    private bool CloseBody()
    {
        lock (Gate)
        {
            _isBodyOver = true;
            return _unfinished == 0;
        }
    }

    private void ThrowIfFailed()
    {
        bool isOutside = _anyCanceled && Scope.IsCanceledFromOutside;
        if (_errors is null)
        {
            if (isOutside) throw new OperationCanceledException($"{Label} was cancelled from outside.", Scope.OutsideToken);
            return;
        }

        if (isOutside) _errors.Add(new OperationCanceledException($"{Label} was cancelled from outside.", Scope.OutsideToken));
        if (_errors.Count == 1) ExceptionDispatchInfo.Throw(_errors[0]);
        throw new AggregateException($"{_errors.Count} errors came out of {Label}.", _errors);
    }
}
