using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Processes.Launch;

/// <summary>Hands lines on, one after the other in their order, on a thread of its own: those who get them may block, and no thread that
/// others need waits for that. Safe for any thread.</summary>
internal sealed class LineDelivery
{
    /// <summary>How long the end of a pool or a child waits until its last lines are handed on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The thread ends when there was nothing to do for so long; the next line starts another.</summary>
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(1);

    // Not remembering a failure, such as of a thread that is interrupted here. At the end a second one in a race has nothing to hand on.
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
    private bool _runs; // gate: there is a thread
    private bool _isCalling; // gate

    private LineDelivery(string name)
        : this(run => Begin(run, name))
    {
    }

    /// <param name="begin">Runs what it is given on another thread.</param>
    internal LineDelivery(Action<Action> begin) => _begin = begin;

    /// <summary>The one for a receiver of lines; without one, that for this process's own stdout and stderr, which all share.</summary>
    public static LineDelivery For(ProcessExecutorOptions options, string name) =>
        options.OutputReceived is null ? s_console.Value : new LineDelivery($"{name} output");

    /// <summary>The one for this process's own stdout and stderr.</summary>
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
            // Not lost: the call stays in the queue, and the next that is added tries again.
            lock (_gate)
            {
                _runs = false;
                CheckInvariantsLocked();
            }
        }
    }

    /// <summary>Completes when everything that was added before has been called.</summary>
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

    /// <summary>The same, but waits no longer than <see cref="Patience"/>; what is left then is handed on later.</summary>
    public async Task HandOnAsync()
    {
        try
        {
            await HandedOnAsync().WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Whoever gets the lines is stuck. They are not lost: the thread goes on while this process lives.
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
            // No thread can be started, for want of memory or by a limit on threads: the pool has some.
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
        Debug.Assert(_runs || !_isCalling, "whoever calls has a thread");
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
