using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Samovar.Diagnostics.Recording;

/// <summary>Keeps the work of an executor's newest failures while a watcher is connected that may have it run again. Thread-safe.</summary>
/// <remarks>Work refers to whatever it captured, so it is kept in a limited number and up to a limited size, and dropped when the last such watcher has
/// left. Without one, a failure costs one read.</remarks>
internal sealed class WorkKeeper
{
    /// <summary>How much work is kept; the oldest is dropped.</summary>
    public const int Most = 64;

    /// <summary>How many bytes the kept work has together, as far as they are known. Work with more is not kept.</summary>
    public const long MostBytes = 16 << 20;

    /// <summary>The task that <see cref="TryTake"/> names while work that was taken has not been submitted.</summary>
    public const long Pending = -1;

    private static int s_watchers;

    private readonly Lock _gate = new();
    private readonly List<KeptWork> _works = []; // the oldest first
    private RetriedTasks? _retried; // null before the first: these collections are compiled when they are created, which no start of a worker should wait for
    private long _bytes;

    /// <summary>Whether a watcher is connected that may have work run again.</summary>
    public static bool IsOn => Volatile.Read(ref s_watchers) != 0;

    /// <summary>Begins keeping work for one more watcher.</summary>
    public static void Watch() => Interlocked.Increment(ref s_watchers);

    /// <summary>Ends keeping work for a watcher. Returns whether it was the last one; then the caller calls <see cref="Drop"/> for each executor.</summary>
    public static bool Unwatch() => Interlocked.Decrement(ref s_watchers) == 0;

    /// <summary>Keeps the work of a task that failed, if there is room for it.</summary>
    public void Keep(long task, KeptWork work)
    {
        if (work.Bytes > MostBytes) return;
        lock (_gate)
        {
            while (_works.Count >= Most || _bytes + work.Bytes > MostBytes) RemoveLocked(0);
            work.Task = task;
            _works.Add(work);
            _bytes += work.Bytes;
            CheckInvariantsLocked();
        }

        // SYNC: work kept or dropped. The work is added, then the watchers are read; the last one has left before it drops the work.
        Interlocked.MemoryBarrier();
        if (!IsOn) Drop();
    }

    /// <summary>Takes the work of a task out, to run it again; the caller then calls <see cref="Submitted"/> or <see cref="Refused"/>.</summary>
    /// <param name="task">The task that failed.</param>
    /// <param name="work">Its work; null if it is not kept.</param>
    /// <param name="retriedAs">The task that already runs its work again, <see cref="Pending"/> if it is being submitted; 0 for none.</param>
    public bool TryTake(long task, [NotNullWhen(true)] out KeptWork? work, out long retriedAs)
    {
        lock (_gate)
        {
            retriedAs = _retried?.By.GetValueOrDefault(task) ?? 0;
            int at = _works.FindIndex(kept => kept.Task == task);
            if (at < 0)
            {
                work = null;
                return false;
            }

            work = _works[at];
            RemoveLocked(at);
            (_retried ??= new RetriedTasks()).By[task] = Pending;
            CheckInvariantsLocked();
            return true;
        }
    }

    /// <summary>Records that the work of a task runs again.</summary>
    public void Submitted(long task, long retriedAs)
    {
        lock (_gate)
        {
            _retried ??= new RetriedTasks(); // forgotten meanwhile
            _retried.By[task] = retriedAs;
            _retried.Order.Enqueue(task);
            while (_retried.Order.Count > TaskRecorder.Failures) _retried.By.Remove(_retried.Order.Dequeue());
            CheckInvariantsLocked();
        }
    }

    /// <summary>Records that the work of a task was not accepted.</summary>
    public void Refused(long task)
    {
        lock (_gate) _retried?.By.Remove(task);
    }

    /// <summary>Returns the tasks whose work is kept, and for each task whose work was submitted again the new task.</summary>
    public (HashSet<long> Kept, Dictionary<long, long> Retried) Read()
    {
        lock (_gate) return ([.. _works.Select(static kept => kept.Task)], new Dictionary<long, long>(_retried?.By.Where(static pair => pair.Value != Pending) ?? []));
    }

    /// <summary>Drops all work.</summary>
    public void Drop()
    {
        lock (_gate) DropLocked();
    }

    /// <summary>Drops all work, and what is known of work that was submitted again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            DropLocked();
            _retried = null;
        }
    }

    private void DropLocked()
    {
        _works.Clear();
        _bytes = 0;
    }

    private void RemoveLocked(int at)
    {
        _bytes -= _works[at].Bytes;
        _works.RemoveAt(at);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_works.Count <= Most && _bytes is >= 0 and <= MostBytes, "no more work is kept than the limits");
        Debug.Assert(_bytes == _works.Sum(static kept => kept.Bytes), "the bytes are those of the kept work");
    }

    private sealed class RetriedTasks
    {
        /// <summary>By task: the task that runs its work again.</summary>
        public Dictionary<long, long> By { get; } = [];

        /// <summary>The tasks, the oldest first.</summary>
        public Queue<long> Order { get; } = [];
    }
}
