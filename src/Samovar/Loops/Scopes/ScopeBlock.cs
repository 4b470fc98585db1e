using System.Runtime.CompilerServices;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;

namespace Samovar.Loops.Scopes;

/// <summary>Runs work in a scope; the block's <see cref="ScopeEnd"/> determines how it completes.</summary>
internal static class ScopeBlock
{
    /// <summary>The number of blocks that may complete inside one another before the next one yields and so releases the stack.</summary>
    public const int MostNested = 16;

    [ThreadStatic]
    private static int t_nested;

    /// <summary>Whether the maximum number of blocks is completing inside one another on this thread.</summary>
    public static bool IsNestedTooDeep => t_nested >= MostNested;

    /// <summary>Completes with true, or with false if the scope's own cancellation ended the work.</summary>
    public static Task<bool> MoveOnAsync(CancelScope scope, Func<CancelScope, Task> work, TimeSpan delay, CancellationToken cancellationToken) =>
        new ScopeBlock<bool>(scope, work, static _ => true, ScopeEnd.MovesOn, delay, cancellationToken).Start();

    /// <summary>Completes with the outcome of the work.</summary>
    public static Task RunAsync(CancelScope scope, Func<CancelScope, Task> work, ScopeEnd end, TimeSpan delay, CancellationToken cancellationToken) =>
        new ScopeBlock<bool>(scope, work, static _ => true, end, delay, cancellationToken).Start();

    /// <inheritdoc cref="RunAsync"/>
    public static Task<T> RunAsync<T>(CancelScope scope, Func<CancelScope, Task<T>> work, ScopeEnd end, TimeSpan delay, CancellationToken cancellationToken) =>
        new ScopeBlock<T>(scope, work, static completed => ((Task<T>)completed).GetAwaiter().GetResult(), end, delay, cancellationToken).Start();

    /// <summary>Completes a block. Its continuations run inside this call.</summary>
    public static void Complete<T>(ref AsyncTaskMethodBuilder<T> builder, T result, Exception? error)
    {
        t_nested++;
        try
        {
            if (error is null) builder.SetResult(result);
            else builder.SetException(error);
        }
        finally
        {
            t_nested--;
        }
    }
}

/// <summary>The state machine of a block, as the compiler would generate it for an asynchronous method, except for two things.</summary>
/// <remarks>
/// <list type="number">
/// <item>It completes with an exception without throwing it. An asynchronous method would rethrow the awaited exception at each level, and its
/// stack trace would grow each time: cancelling n nested scopes would take time proportional to n².</item>
/// <item>It yields when <see cref="ScopeBlock.MostNested"/> blocks complete inside one another, so the stack depth is bounded however many blocks are
/// nested.</item>
/// </list>
/// </remarks>
/// <typeparam name="T">The type of the result.</typeparam>
internal struct ScopeBlock<T> : IAsyncStateMachine, IOwnStateMachine
{
    private readonly TimeSpan _delay;
    private readonly ScopeEnd _end;
    private readonly CancellationToken _outside;
    private readonly Func<Task, T> _resultOf;
    private AsyncTaskMethodBuilder<T> _builder;
    private Step _step;
    private bool _isRefused;
    private CancelScope? _scope;
    private Func<CancelScope, Task>? _work;
    private CancellationTokenRegistration _registration;
    private T? _result;
    private Exception? _error;

    public ScopeBlock(
        CancelScope scope, Func<CancelScope, Task> work, Func<Task, T> resultOf, ScopeEnd end, TimeSpan delay, CancellationToken outside)
    {
        _scope = scope;
        _work = work;
        _resultOf = resultOf;
        _end = end;
        _delay = delay;
        _outside = outside;
        _builder = AsyncTaskMethodBuilder<T>.Create();
    }

    private enum Step
    {
        Begins,
        Works,
        Completes,
    }

    /// <summary>The task of the work that the block waits for; null if it waits for none. Read by the task tree.</summary>
    public Task? Work { get; private set; }

    public Task<T> Start()
    {
        _builder.Start(ref this); // restores the execution context, and with it the ambient scope
        return _builder.Task;
    }

    public void MoveNext()
    {
        if (_step == Step.Begins && !Begin()) return;
        if (_step == Step.Works && !Leave()) return;
        _scope = null; // code that awaits the block may keep it alive for a long time
        _work = null;
        ScopeBlock.Complete(ref _builder, _result!, _error);
    }

    public void SetStateMachine(IAsyncStateMachine stateMachine) => _builder.SetStateMachine(stateMachine);

    /// <summary>Enters the scope and starts the work. Returns false if the block continues when the work has completed.</summary>
    private bool Begin()
    {
        var scope = _scope!;
        _step = Step.Works;
        try
        {
            _registration = scope.Enter(_delay, _outside);
            if (scope.IsCancellationRequested)
            {
                _isRefused = scope.IsCanceledFromOutside && LoopCore.Current is not null;
                if (_isRefused) RefusedWait.Count(LoopCore.Current!);
                _error = new OperationCanceledException("The scope was cancelled before the work started.", scope.Token);
                return true;
            }

            AmbientFrame.Current = new AmbientFrame(scope, AmbientFrame.Current?.Task);
            Work = _work!(scope) ?? throw new InvalidOperationException("The work returned null where a task was expected.");
        }
        catch (Exception error)
        {
            // The block completes with this error, as an asynchronous method would.
            _error = error;
            return true;
        }

        var awaiter = Work.GetAwaiter();
        if (awaiter.IsCompleted) return true;
        _builder.AwaitUnsafeOnCompleted(ref awaiter, ref this);
        return false;
    }

    /// <summary>Called when the work has completed: leaves the scope and decides how the block completes, before anything else can cancel it. Returns
    /// false if the block continues in a later turn.</summary>
    private bool Leave()
    {
        var scope = _scope!;
        _registration.Unregister();
        scope.Detach();
        if (_error is null && Work!.IsCompletedSuccessfully) _result = _resultOf(Work);
        else if (_error is null && Work!.IsFaulted) _error = ErrorOf(scope, Work.Exception.InnerExceptions[0]); // as await does
        else _error = ErrorOf(scope, _error);
        Work = null;
        _step = Step.Completes;
        if (!_isRefused && !ScopeBlock.IsNestedTooDeep) return true;
        var turn = Task.Yield().GetAwaiter();
        _builder.AwaitUnsafeOnCompleted(ref turn, ref this);
        return false;
    }

    /// <summary>Returns the exception that the block throws; null if it throws none.</summary>
    /// <param name="scope">The block's scope.</param>
    /// <param name="error">The exception that the work threw; null if its task is cancelled.</param>
    private readonly Exception? ErrorOf(CancelScope scope, Exception? error)
    {
        if (error is not null and not OperationCanceledException) return error;
        if (scope.IsCanceledFromOutside) return scope.CanceledFromOutside(error as OperationCanceledException, Work);
        if (_end == ScopeEnd.MovesOn && scope.IsCancellationRequested) return null;
        error ??= EndedTask.CancellationOf(Work!);
        return _end == ScopeEnd.TimesOut && scope.HasExpired ? scope.TimedOut(_delay, error) : error;
    }
}
