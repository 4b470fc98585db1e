using System.Diagnostics;

namespace Samovar.Processes.Parent;

/// <summary>Runs callbacks one after the other, in order, on the thread pool. Thread-safe.</summary>
internal sealed class SerialCallbackQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _calls = new();
    private bool _runs;

    /// <summary>Whether no callback is queued or running.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate) return !_runs;
        }
    }

    /// <summary>Adds a callback, which must not throw.</summary>
    public void Add(Action call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            if (_runs) return;
            _runs = true;
            CheckInvariantsLocked();
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => self.Run(), this, preferLocal: false);
    }

    private void Run()
    {
        while (true)
        {
            Action call;
            lock (_gate)
            {
                if (!_calls.TryDequeue(out call!))
                {
                    _runs = false;
                    CheckInvariantsLocked();
                    return;
                }
            }

            call();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() => Debug.Assert(_runs || _calls.Count == 0, "queued callbacks have a running thread");
}
