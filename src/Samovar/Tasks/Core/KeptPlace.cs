namespace Samovar.Tasks.Core;

/// <summary>A result that a worker in another process keeps. It is freed when the last user has released it: the handle of the program, and each task
/// that takes it. Thread-safe.</summary>
/// <param name="worker">The worker.</param>
/// <param name="number">The number of the task that made the result.</param>
internal abstract class KeptPlace(WorkerIdentity worker, long number)
{
    private int _users = 1; // Interlocked; the handle

    public WorkerIdentity Worker => worker;

    public long Number => number;

    /// <summary>Adds a user. Returns false if the result has been freed.</summary>
    public bool TryHold()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users) return true;
            users = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0) Free();
    }

    /// <summary>Requests the worker to drop the result. Called once.</summary>
    protected abstract void Free();
}
