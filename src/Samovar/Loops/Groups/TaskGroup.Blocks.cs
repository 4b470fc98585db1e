using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Samovar.Loops.Groups;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Runs the group's block and decides how it completes.</content>
public sealed partial class TaskGroup
{
    /// <summary>Opens a group, runs <paramref name="body"/>, and completes when the body and all tasks that were started in the group have
    /// completed.</summary>
    /// <param name="body">The body, which starts the tasks. It may complete before them.</param>
    /// <param name="options">The group's name and limits; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the body and the tasks.</param>
    /// <param name="sourceFile">The file that contains the call. Supplied by the compiler.</param>
    /// <param name="sourceLine">The line of the call. Supplied by the compiler.</param>
    /// <returns>A task that completes with the group.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is null.</exception>
    /// <exception cref="AggregateException">Several tasks failed.</exception>
    /// <exception cref="OperationCanceledException">The token or an enclosing scope was cancelled.</exception>
    /// <example>
    /// <code>
    /// int total = await TaskGroup.RunAsync(async group =>
    /// {
    ///     GroupTask&lt;int> first = group.Run(() => LoadAsync(40)); // the tasks run concurrently
    ///     GroupTask&lt;int> second = group.Run(() => LoadAsync(2));
    ///     return await first + await second;
    /// });
    /// </code>
    /// </example>
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
    /// <returns>The body's result.</returns>
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
        return hasResult
            ? result
            : throw new OperationCanceledException($"{group.Label} was cancelled before its body returned a result.", group.CancellationToken);
    }

    /// <summary>After completion: whether a cancellation that the group throws was requested. A cancellation without a request is among the
    /// errors.</summary>
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
            AmbientFrame.Current = new AmbientFrame(Scope, _parent); // restored when the method returns
            var running = body(this);
            await running.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            if (running.IsCanceled && IsCanceled) BodyWasCanceled(); // no exception is thrown, which would cost a chain of groups one throw per level
            else await running.ConfigureAwait(true);
        }
        catch (OperationCanceledException) when (IsCanceled)
        {
            BodyWasCanceled();
        }
        catch (Exception error)
        {
            // Thrown by the block, together with the errors of the tasks.
            FailWith(error);
        }
    }

    /// <summary>Records a requested cancellation. <see cref="ThrowIfFailed"/> decides whether it came from outside.</summary>
    private void BodyWasCanceled()
    {
        lock (Gate) _anyCanceled = true;
    }

    /// <summary>Records that the body has completed. Returns true if no task of the group is left.</summary>
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
        throw new AggregateException($"{Label} failed with {_errors.Count} errors.", _errors);
    }
}
