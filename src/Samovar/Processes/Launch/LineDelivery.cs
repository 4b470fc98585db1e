using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Processes.Launch;

/// <summary>Delivers lines one after the other, in order, on its own thread, because receivers may block and must not block threads that others
/// need. Thread-safe.</summary>
internal sealed class LineDelivery
{
    /// <summary>How long the shutdown of a pool, or the exit of a child, waits for the delivery of the last lines.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long the thread stays idle before it exits; the next line starts a new one.</summary>
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(1);

    // PublicationOnly does not cache an exception, for example of a thread that is interrupted here. If two threads race, the losing instance has
    // nothing to deliver at exit.
    private static readonly Lazy<LineDelivery> s_console = new(
        () =>
        {
            var console = new LineDelivery("Samovar output");
            OrderlyEnd.Do(() => ((IAsyncResult)console.HandedOnAsync()).AsyncWaitHandle.WaitOne(Patience));
            return console;
        },
        LazyThreadSafetyMode.PublicationOnly);

    private readonly object _gate = new();
    private readonly Queue<Action> _calls = new();
    private readonly Action<Action> _begin;
    private bool _runs; // gate: a thread is running
    private bool _isCalling; // gate

    private LineDelivery(string name)
        : this(run => Begin(run, name))
    {
    }

    /// <param name="begin">Runs the given delegate on another thread.</param>
    internal LineDelivery(Action<Action> begin) => _begin = begin;

    /// <summary>Returns the delivery for the receiver of the options; without a receiver, the shared one for stdout and stderr of this
    /// process.</summary>
    public static LineDelivery For(ProcessExecutorOptions options, string name) =>
        options.OutputReceived is null ? s_console.Value : new LineDelivery($"{name} output");

    /// <summary>The shared delivery for stdout and stderr of this process.</summary>
    public static LineDelivery Console => s_console.Value;

    /// <summary>Adds a call, which must not throw.</summary>
    public void Add(Action call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            if (_runs)
            {
                Monitor.Pulse(_gate);
                return;
            }

            _runs = true;
        }

        try
        {
            _begin(Run);
        }
        catch (OutOfMemoryException)
        {
            // The call is not lost: it stays in the queue, and the next call of Add tries again.
            lock (_gate)
            {
                _runs = false;
                CheckInvariantsLocked();
            }
        }
    }

    /// <summary>Completes when everything that was added before has been delivered.</summary>
    public Task HandedOnAsync()
    {
        lock (_gate)
        {
            if (_calls.Count == 0 && !_isCalling) return Task.CompletedTask;
        }

        var handedOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(handedOn.SetResult);
        return handedOn.Task;
    }

    /// <summary>Like <see cref="HandedOnAsync"/>, but waits at most <see cref="Patience"/>; the rest is delivered later.</summary>
    public async Task HandOnAsync()
    {
        try
        {
            await HandedOnAsync().WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The receiver is blocked. The lines are not lost: the thread continues while this process runs.
        }
    }

    private static void Begin(Action run, string name)
    {
        try
        {
            new Thread(() => run()) { IsBackground = true, Name = name }.UnsafeStart();
        }
        catch (OutOfMemoryException)
        {
            // No thread can be started, because of a lack of memory or a limit on threads: use a thread of the pool.
            ThreadPool.UnsafeQueueUserWorkItem(static run => run(), run, preferLocal: false);
        }
    }

    private void Run()
    {
        while (Next() is { } call) call();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_runs || !_isCalling, "a call is made on a running thread");
    }

    private Action? Next()
    {
        lock (_gate)
        {
            _isCalling = false;
            while (_calls.Count == 0)
            {
                if (Monitor.Wait(_gate, s_linger) || _calls.Count > 0) continue;
                _runs = false;
                CheckInvariantsLocked();
                return null;
            }

            _isCalling = true;
            CheckInvariantsLocked();
            return _calls.Dequeue();
        }
    }
}
