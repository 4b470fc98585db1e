using System.Diagnostics;
using Samovar.Tasks.Completions;

namespace Samovar.Tasks.Inputs;

/// <summary>The inputs that one task waits for: when all have succeeded, it queues the task; when one has failed or was cancelled, it
/// completes the task.</summary>
/// <remarks>
/// <list type="number">
/// <item>One caller takes the inputs, by exchanging the field with null: the thread on which the last input succeeds, or the one that completes the task
/// before that. Only the first of them queues the task.</item>
/// <item>It is signalled on the threads that complete the inputs. They must not serialize arguments, and must not run the work: if the executor does
/// either when a task is queued, the thread pool queues the task.</item>
/// <item>A task that fails because of an input may be an input itself. The tasks that fail one after another do so in a loop, so that a chain of any length
/// needs no stack.</item>
/// </list>
/// </remarks>
/// <param name="task">The task.</param>
/// <param name="inputs">Its inputs.</param>
internal sealed class TaskInputs(IDependentTask task, Future[] inputs) : Completion, IThreadPoolWorkItem
{
    [ThreadStatic]
    private static Queue<TaskInputs>? t_broken; // not null while this thread completes tasks because of their inputs

    private Future[]? _inputs = inputs; // SYNC: inputs taken
    private int _open = inputs.Length + 1; // Interlocked: the inputs that have not succeeded, and one until all are registered
    private Future? _culprit; // the first input that did not succeed. Interlocked

    /// <summary>Whether all inputs have succeeded. The task then needs not wait.</summary>
    public static bool AreThere(Future[] inputs)
    {
        foreach (var input in inputs)
        {
            if (input.SentState != FutureState.Succeeded) return false;
        }

        return true;
    }

    /// <summary>Begins to wait for the inputs. The task may be queued, or have completed, when this returns.</summary>
    public void Watch()
    {
        if (Volatile.Read(ref _inputs) is not { } watched) return; // it was cancelled before it began to wait
        foreach (var input in watched) input.AddCompletion(this);
        SucceededOne();
        if (Volatile.Read(ref _inputs) is null) StopWatching(watched); // it may have been cancelled between two registrations
    }

    /// <summary>Takes the inputs; null if another caller has taken them. The caller decides what becomes of the task.</summary>
    public Future[]? Take() => Interlocked.Exchange(ref _inputs, null); // SYNC: inputs taken

    /// <summary>Stops to wait: the task completes without its inputs. Does nothing if it has been queued.</summary>
    /// <returns>Whether the task was waiting.</returns>
    public bool TryAbandon()
    {
        if (Take() is not { } left) return false;
        StopWatching(left);
        return true;
    }

    public override void Signal(Future future)
    {
        if (future.SentState == FutureState.Succeeded) SucceededOne();
        else if (Interlocked.CompareExchange(ref _culprit, future, null) is null) Break();
    }

    void IThreadPoolWorkItem.Execute() => task.InputsArrived();

    private void SucceededOne()
    {
        if (Interlocked.Decrement(ref _open) != 0) return;
        if (task.IsQueuedAnywhere) task.InputsArrived();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void StopWatching(Future[] watched)
    {
        foreach (var input in watched) input.RemoveCompletion(this);
    }

    private void Break()
    {
        if (t_broken is { } outer)
        {
            outer.Enqueue(this);
            return;
        }

        var broken = t_broken = new Queue<TaskInputs>();
        try
        {
            broken.Enqueue(this);
            while (broken.TryDequeue(out var next)) next.End();
        }
        finally
        {
            t_broken = null;
        }
    }

    private void End()
    {
        Debug.Assert(_culprit is not null, "an input did not succeed");
        task.InputFailed(_culprit);
    }
}
