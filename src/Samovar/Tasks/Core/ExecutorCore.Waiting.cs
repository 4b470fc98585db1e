namespace Samovar.Tasks.Core;

/// <content>Tasks that are admitted and wait outside the queue.</content>
internal abstract partial class ExecutorCore
{
    private WaitingTasks? _waiting;

    /// <summary>The tasks that are admitted and not yet queued, because they wait for their inputs. Created on first use.</summary>
    public WaitingTasks Waiting
    {
        get
        {
            if (Volatile.Read(ref _waiting) is { } waiting) return waiting;
            var fresh = new WaitingTasks();
            return Interlocked.CompareExchange(ref _waiting, fresh, null) ?? fresh;
        }
    }

    /// <summary>The number of tasks that wait for their inputs.</summary>
    public int WaitingCount => Volatile.Read(ref _waiting)?.Count ?? 0;

    /// <summary>Releases the place in a bounded queue of an admitted task that completes before it is queued.</summary>
    public virtual void ReturnPlace() { }

    private void CancelWaiting()
    {
        foreach (var task in Volatile.Read(ref _waiting)?.ToList() ?? []) task.Cancel();
    }
}
