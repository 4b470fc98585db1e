using System.Diagnostics;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>Reads the work ring while the main thread runs a task that can receive messages: a request to stop, or a message for a live value. For
/// other tasks this thread is never started.</summary>
/// <remarks>
/// <list type="number">
/// <item>The ring, and the sleeper of the bell, belong to the main thread. It lends them to the control thread while user code runs, and takes them
/// back before it continues.</item>
/// <item>Both hand-overs are under the gate, so that each side sees what the other did to ring and reader.</item>
/// </list>
/// </remarks>
internal sealed class WorkerControl : IDisposable
{
    private const int Idle = 0; // the main thread owns the ring
    private const int Running = 1; // the main thread runs a task, and no thread reads
    private const int Listening = 2; // the main thread runs a task, and the control thread reads

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

    /// <summary>Called before a task runs: from here until <see cref="Stop"/> the ring may be lent.</summary>
    public void Begin() => Volatile.Write(ref _state, Running);

    /// <summary>Makes the control thread read messages immediately until the running task has completed. May be called on any thread of the
    /// task.</summary>
    public void ListenWhileRunning()
    {
        if (Volatile.Read(ref _state) != Running) return;
        lock (_gate)
        {
            if (_ended) return;
            if (_thread is null)
            {
                // Before the ring is lent: if no thread can be started, the main thread must not wait for one.
                var thread = new Thread(Listen, maxStackSize: 512 * 1024) { IsBackground = true, Name = "Samovar control" };
                thread.UnsafeStart(); // its first step waits for the gate
                _thread = thread;
            }

            // SYNC: ring lent. Races with the main thread, which may be completing the task.
            if (Interlocked.CompareExchange(ref _state, Listening, Running) != Running) return;
            _reads = true;
            CheckInvariantsLocked();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes the ring back; called by the main thread when its task has completed.</summary>
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

            // Stop interrupts this wait; a record that arrived before is read first.
            if (_channel.Bell.Wait(_hasRecord, Timeout.InfiniteTimeSpan) != WaitOutcome.Ready) continue;
            if (!_channel.Work.TryRead(out var message)) continue;
            Take(message);
            _channel.Work.Release();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_reads || _thread is not null, "the thread that reads is the control thread");
        Debug.Assert(!_reads || Volatile.Read(ref _state) != Idle, "while the main thread owns the ring, no other thread reads");
    }

    private void Take(RingMessage message)
    {
        using var body = _channel.Open(message);
        if ((RecordTag)message.Tag == RecordTag.Task) _loop.Defer(body.Bytes);
        else _loop.TakeControl((RecordTag)message.Tag, body.Bytes);
    }
}
