using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Tasks.Inputs;

/// <summary>The future of a task that starts when its inputs have succeeded.</summary>
/// <remarks>Until then the task is admitted, and in no queue: it counts as queued, keeps its place in a bounded queue, and can be cancelled. When it is
/// queued, it has the results of its inputs and no longer refers to their futures.</remarks>
internal sealed class DependentFuture<TResult> : Future<TResult>, IDependentTask, IRetryable
{
    private DependentCall<TResult>? _call;
    private TaskInputs? _waiting; // null if all inputs were there, and once it is queued or has completed
    private ExecutorSharedWork? _shared; // the delegate as it was captured at the submission; Interlocked

    public DependentFuture(ExecutorCore core, DependentCall<TResult> call, Future[] inputs, TaskOptions? options, long id)
        : base(core, options, id, kind: call.Kind)
    {
        _call = call;
        if (TaskInputs.AreThere(inputs)) call.Take(inputs);
        else _waiting = new TaskInputs(this, inputs);
    }

    /// <summary>Whether the task waits for inputs.</summary>
    public bool IsWaiting => Volatile.Read(ref _waiting) is not null;

    bool IDependentTask.IsQueuedAnywhere => Core is { Remote: null, RunsOnSubmit: false };

    internal override bool IsAsynchronous => Kind >= DelegateKind.Asynchronous;

    internal override Delegate? MeteredWork => Volatile.Read(ref _call)?.Work;

    /// <summary>Begins to wait for the inputs. Called once, after the task was admitted.</summary>
    /// <exception cref="System.Exception">The delegate captures something that the executor cannot send. The task was not accepted.</exception>
    public void AwaitInputs()
    {
        if (_waiting is not { } waiting) throw new InvalidOperationException($"Task {Id} waits for no inputs.");
        try
        {
            // Captured now: what the work captured may change before it starts.
            _shared = Core.Remote?.Share(_call!.Work, refersToIt: true);
            _shared?.ThrowIfRefused();
        }
        catch
        {
            ReleaseShared();
            throw;
        }

        Core.Waiting.Add(this);
        ObeyToken();
        waiting.Watch();

        // SYNC: queued or ending. The task is among those that wait, then the shutdown's mode is read.
        Interlocked.MemoryBarrier();
        if (Core.IsDiscarding && IsWaiting) Cancel();
    }

    void IDependentTask.InputsArrived()
    {
        if (Volatile.Read(ref _waiting)?.Take() is not { } inputs) return;
        Volatile.Write(ref _waiting, null);
        Volatile.Read(ref _call)?.Take(inputs);

        // First, so that a task that has completed is never counted as waiting. A shutdown that does not find it here any more finds it in the queue,
        // or has announced that it discards tasks, which the thread that queues a task reads afterwards.
        Core.Waiting.Remove(this);
        if (Core.Remote is null) Core.EnqueueOrWait(this);
        else if (Context is { } context) ExecutionContext.Run(context, static self => ((DependentFuture<TResult>)self!).Send(), this);
        else Send();
    }

    void IDependentTask.InputFailed(Future input)
    {
        if (input.State == FutureState.Canceled)
        {
            EnsureControls().CancelReason = InputFailedException.WhyCanceled(input);
            EndUnstarted(FutureState.Canceled);
            return;
        }

        // Observed: the error of the input is passed on with this one.
        if (EndUnstarted(FutureState.Failed, InputFailedException.Create(this, input))) _ = input.Exception;
    }

    internal override ShippableWork GetShippable() =>
        Volatile.Read(ref _call) is { } call
            ? call.GetShippable(Volatile.Read(ref _shared))
            : throw new ObjectDisposedException(Core.Name, $"Task {Id} has completed.");

    internal override void Complete(int attempt, ResultSource result) =>
        Succeed(attempt, Volatile.Read(ref _call) is { BringsResult: true } ? result.Read<TResult>(Core.Meter) : default!);

    public RetryableWork? KeepWork()
    {
        if (IsWaiting || Volatile.Read(ref _call) is not { } call) return null;
        var work = call.GetShippable(shared: null);
        return new RetryableWork(Options, CapturedData.SizeOf(work.Work), (core, options, id) => work.BringsResult
            ? new DelegateFuture<TResult>(core, work.Work, work.Kind, options, id)
            : new DelegateFuture(core, work.Work, work.Kind, options, id));
    }

    private protected override Task? Invoke(int attempt)
    {
        if (Volatile.Read(ref _call) is not { } call) return null;
        if (call.IsAsynchronous) return call.Start();
        Succeed(attempt, call.Run());
        return null;
    }

    private protected override void Collect(int attempt, Task work)
    {
        if (Volatile.Read(ref _call) is { } call) Succeed(attempt, call.ResultOf(work));
    }

    private protected override void ReleaseWork()
    {
        Volatile.Write(ref _call, null);
        ReleaseShared();
        if (Interlocked.Exchange(ref _waiting, null) is not { } waiting || !waiting.TryAbandon()) return;
        Core.Waiting.Remove(this);
        Core.ReturnPlace();
    }

    /// <summary>Serializes the task with its arguments, and queues it.</summary>
    private void Send()
    {
        try
        {
            Core.Remote!.Prepare(this);
        }
        catch (Exception refusal)
        {
            // The call that submitted the task has returned: the error is the outcome of the task.
            EndUnstarted(FutureState.Failed, refusal);
            return;
        }

        ReleaseShared();
        Core.EnqueueOrWait(this);
    }

    private void ReleaseShared() => Interlocked.Exchange(ref _shared, null)?.Release();
}
