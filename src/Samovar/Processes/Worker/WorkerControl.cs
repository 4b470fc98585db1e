using System.Diagnostics;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>Reads the work ring while the main thread runs a task that can be told something: to give up, or a message for a live
/// value. Tasks that need none of it never start this thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>The ring, and the bell's sleeper, belong to the main thread, which lends them while user code runs and has them
/// back before it goes on.</item>
/// <item>Both hand-overs are under the gate, so each side sees what the other did to ring and reader.</item>
/// </list>
/// </remarks>
internal sealed class WorkerControl : IDisposable
{
    private const int Idle = 0; // the main thread has the ring
    private const int Running = 1; // it runs a task, and nobody reads
    private const int Listening = 2; // it runs a task, and the control thread reads

    private readonly object _gate = new();
    private readonly WorkerLoop _loop;
    private readonly WorkerChannel _channel;
    private readonly Func<bool> _hasRecord;
    private Thread? _thread;
    private int _state;
    private bool _reads;
    private bool _ended;

    public WorkerControl(WorkerLoop loop, WorkerChannel channel)
    {
        _loop = loop;
        _channel = channel;
        _hasRecord = () => channel.Work.HasRecord;
    }

    /// <summary>A task is about to run: from here until <see cref="Stop"/> the ring may be lent.</summary>
    public void Begin() => Volatile.Write(ref _state, Running);

    /// <summary>From here on until the running task has ended, what comes for it is taken at once. Any thread of the task's.</summary>
    public void ListenWhileRunning()
    {
        if (Volatile.Read(ref _state) != Running) return;
        lock (_gate)
        {
            // SYNC: ring lent. Against the main thread, which may be ending the task.
            if (_ended || Interlocked.CompareExchange(ref _state, Listening, Running) != Running) return;
            _reads = true;
            if (_thread is null)
            {
                _thread = new Thread(Listen, maxStackSize: 512 * 1024) { IsBackground = true, Name = "Samovar control" };
                _thread.UnsafeStart();
            }

            CheckInvariantsLocked();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes the ring back; for the main thread, when its task has ended.</summary>
    public void Stop()
    {
        // SYNC: ring lent
        if (Interlocked.CompareExchange(ref _state, Idle, Running) == Running) return;
        lock (_gate)
        {
            Volatile.Write(ref _state, Idle);
            _channel.Bell.Interrupt();
            while (_reads) Monitor.Wait(_gate);
            CheckInvariantsLocked();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
    }

    private void Listen()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_state != Listening && !_ended)
                {
                    _reads = false;
                    Monitor.PulseAll(_gate);
                    Monitor.Wait(_gate);
                }

                if (_ended) return;
            }

            // The loop in Stop interrupts the wait; a record that came first is taken first.
            if (_channel.Bell.Wait(_hasRecord, Timeout.InfiniteTimeSpan) != WaitOutcome.Ready) continue;
            if (!_channel.Work.TryRead(out var message)) continue;
            Take(message);
            _channel.Work.Release();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_reads || _thread is not null, "whoever reads is the control thread");
        Debug.Assert(!_reads || Volatile.Read(ref _state) != Idle, "the main thread has the ring alone");
    }

    private void Take(RingMessage message)
    {
        using var body = _channel.Open(message);
        if ((RecordTag)message.Tag == RecordTag.Task) _loop.Defer(body.Bytes);
        else _loop.TakeControl((RecordTag)message.Tag, body.Bytes);
    }
}
