using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Samovar.Executors.Mapping;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Processes.Recorder;
using Samovar.Serialization;
using Samovar.Serialization.Wire;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Processes.Worker;

/// <summary>A worker's main thread: takes tasks from the ring, runs them one after the other, and writes the result of each.</summary>
/// <remarks>
/// <list type="number">
/// <item>A task is started by winning its slot; a task that the executor has revoked is skipped.</item>
/// <item>The ring space of a task is released before the task runs.</item>
/// <item>While a task runs that can receive messages, <see cref="WorkerControl"/> reads the ring in place of this thread, and keeps tasks that it
/// reads in <see cref="_deferred"/>; those run first afterwards.</item>
/// <item>A body that cannot be deserialized fails only its own task.</item>
/// </list>
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class WorkerLoop : IDisposable
{
    private readonly WorkerChannel _channel;
    private readonly ExecutorCore? _owner;
    private readonly ShippingReader _reader = new(ShippingOptions.OfWork);
    private readonly WorkerPorts _ports;
    private readonly WorkerWorks _works;
    private readonly WorkerConsole _console;
    private readonly WorkerCultures _cultures;
    private readonly Queue<byte[]> _deferred = new(); // tasks that the control thread read; owned by this thread while the control thread does not read
    private readonly Dictionary<Type, TaskInvoker?[]> _invokers = []; // by type of delegate, then by TaskInvoker.Variant
    private readonly Func<bool> _hasWork;
    private TaskRunner _runner = null!;
    private LastTaskRecorder? _recorder; // null if tasks are not recorded
    private FutureState _outcome; // of the task that has just run
    private Exception? _definitionsError;
    private byte[] _exitHook = [];
    private Type? _lastWork;
    private int _lastVariant;
    private TaskInvoker? _lastInvoker;
    private Future? _current;
    private bool _listens; // the task holds live values: it may receive messages from the start
    private TaskFlags _flags; // the flags of the current task
    private bool _takesToken;
    private bool _spinBeforeSleep;
    private bool _ended;

    /// <param name="channel">The channel to the executor.</param>
    /// <param name="owner">The executor, if it is in this process; otherwise, null.</param>
    public WorkerLoop(WorkerChannel channel, ExecutorCore? owner = null)
    {
        _channel = channel;
        _owner = owner;
        _hasWork = () => channel.Work.HasRecord;
        Results = new ResultWriter(channel);
        _ports = new WorkerPorts(this);
        _cultures = new WorkerCultures(_reader);
        _works = new WorkerWorks(channel, _reader, _ports);
        _console = new WorkerConsole(Results);
        Control = new WorkerControl(this, channel);
    }

    public ResultWriter Results { get; }

    public WorkerControl Control { get; }

    public WorkerCore Core { get; private set; } = null!;

    public ShippingReader Reader => _reader;

    /// <summary>The running task; null between two tasks. Read by the control thread.</summary>
    public Future? Current => Volatile.Read(ref _current);

    /// <summary>The ticket of the running task, for the control thread, which reads it only between hand-overs.</summary>
    public ItemTicket CurrentTicket { get; private set; }

    /// <summary>Whether a task that takes a token has started and not completed; <see cref="Current"/> may not be set yet. May be read on any
    /// thread.</summary>
    public bool TakesToken => Volatile.Read(ref _takesToken);

    /// <summary>Whether there are tasks that the control thread has read and that have not run. For the thread that reads the ring.</summary>
    public bool HasDeferred => _deferred.Count > 0;

    /// <summary>Whether messages may arrive for ports that do not exist yet. For the thread that reads the ring.</summary>
    public bool KeepsEarly => HasDeferred || _works.HasUnread;

    /// <summary>The activity of the running task; null if its submitter had none.</summary>
    public Activity? Span { get; private set; }

    /// <summary>How long the last task ran.</summary>
    public long Elapsed { get; private set; }

    public int Run()
    {
        ItemKeeper.Current = new WorkerItems(this, _channel);
        while (!_ended)
        {
            if (_deferred.TryDequeue(out var task))
            {
                TakeTask(task);
            }
            else if (_channel.Work.TryRead(out var message))
            {
                Take(message);
            }
            else
            {
                Results.Records.Flush();
                _runner?.TimePassed();
                _spinBeforeSleep = _spinBeforeSleep && SpinPolicy.Processes.SpinWatched(_hasWork);
                if (_spinBeforeSleep) continue;
                _channel.IsIdle = true;
                _channel.Bell.Wait(_hasWork, Timeout.InfiniteTimeSpan);
                _channel.IsIdle = false;
            }
        }

        if (_exitHook.Length > 0) WorkerExitHook.Run(_exitHook, _reader, _runner!.Worker, _definitionsError, Results);
        if (_runner is not null) WorkerStates.Dispose(_runner.Worker, Core);
        Results.Records.Flush();
        Results.Records.AwaitReaders();
        return 0;
    }

    /// <summary>Runs a task on this thread until it has completed.</summary>
    public void RunToEnd(Future task)
    {
        Volatile.Write(ref _current, task);
        Control.Begin();
        if (_listens) Control.ListenWhileRunning();
        bool ran = _runner.TryRun(task); // false if the task was requested to stop at this moment
        Control.Stop();
        Volatile.Write(ref _current, null);
        _console.End(_flags, CurrentTicket);
        Elapsed = ran ? task.FinishedTimestamp - task.StartedTimestamp : 0;
        _outcome = task.State;
    }

    /// <summary>Processes a record that is no task. Called on the thread that reads the ring.</summary>
    public void TakeControl(RecordTag tag, ReadOnlySpan<byte> record)
    {
        switch (tag)
        {
            case RecordTag.Definitions:
                TakeDefinitions(record);
                break;
            case RecordTag.Stop when RecordHeaders.TryRead(record, out TicketRecord ticket, out _):
                if (ticket.Ticket == CurrentTicket) Current?.Cancel();
                break;
            case RecordTag.Live when RecordHeaders.TryRead(record, out LiveHeader live, out var body):
                _ports.Receive(live, body);
                break;
            case RecordTag.WarmUp:
                WarmUp(TaskMessage.Read(record));
                break;
            case RecordTag.Work when RecordHeaders.TryRead(record, out WorkHeader work, out var shared):
                _works.Take(work, shared);
                break;
            case RecordTag.Forget when RecordHeaders.TryRead(record, out WorkHeader forgotten, out _):
                _works.Forget(forgotten.Number);
                break;
            case RecordTag.Drop when RecordHeaders.TryRead(record, out long kept, out _):
                KeptValues.Of(_runner.Worker).Drop(kept);
                break;
            case RecordTag.Setup when RecordHeaders.TryRead(record, out WorkerSetup setup, out var rest):
                SetUp(setup, rest);
                break;
            case RecordTag.End:
                _ended = true;
                break;
            default:
                throw new ChannelCorruptedException($"The executor sent a record of {record.Length} bytes with tag {tag}, which is not valid for a worker.");
        }
    }

    /// <summary>Keeps a task that the control thread has read.</summary>
    public void Defer(ReadOnlySpan<byte> record) => _deferred.Enqueue(record.ToArray());

    public void Dispose()
    {
        Control.Dispose();
        _recorder?.Dispose();
    }

    private void Take(RingMessage message)
    {
        if (message.Kind == RingRecordKind.Message && (RecordTag)message.Tag == RecordTag.Task)
        {
            TakeTask(message.Payload);
        }
        else
        {
            using var body = _channel.Open(message);
            TakeControl((RecordTag)message.Tag, body.Bytes);
        }

        _channel.Work.Release();
    }

    /// <summary>Starts a task if it was not revoked: deserializes and runs it.</summary>
    private void TakeTask(ReadOnlySpan<byte> record)
    {
        var message = TaskMessage.Read(record);
        var header = message.Header;
        Results.Records.AwaitOpened();
        long started = _runner.Start(Core.Time);
        if (!_channel.Slots.TryStart(header.Ticket, started)) return;
        _recorder?.Begin(header, message.Name, started);
        Volatile.Write(ref _takesToken, header.Kind is DelegateKind.SynchronousWithToken or DelegateKind.AsynchronousWithToken);
        _spinBeforeSleep = (header.Flags & TaskFlags.SpinBeforeSleep) != TaskFlags.None;
        var known = ReadShared(header, out bool listensToWork, out var refused);
        if ((header.Flags & TaskFlags.TellsStart) != TaskFlags.None) Results.WriteStarted(header.Ticket);
        var options = message.Name.IsEmpty && message.Resources.IsEmpty ? null : new TaskOptions
        {
            Name = message.Name.IsEmpty ? null : new string(message.Name),
            Granted = SentResources.Read(message.Resources),
        };
        bool isLive = (header.Flags & TaskFlags.IsLive) != TaskFlags.None;
        _console.Begin(_flags = header.Flags);
        CurrentTicket = header.Ticket;
        Delegate? work = null;
        ExecutionContext? own = null;
        if (refused is null)
        {
            try
            {
                if (header.DefinitionsNeeded > _reader.DefinitionCount && _definitionsError is not null) throw _definitionsError;
                own = _cultures.Enter(message.Cultures);
                work = ReadWork(message, isLive ? _ports.OfTask : null, known, out var method);
                _recorder?.Describe(work, method);
                _listens = listensToWork || (isLive && _ports.OfTask.HasOpen);
                if (isLive || listensToWork) _ports.DeliverEarly();
            }
            catch (Exception error)
            {
                refused = error; // only this task fails
            }
        }

        var activity = message.Trace.IsEmpty || refused is not null ? null : TaskTrace.Start(message.Trace, Core.Name, "process", header.Id, header.Attempt, options?.Name, work!);
        Span = activity;
        _channel.Work.Release();
        if (refused is not null)
        {
            _console.End(_flags, header.Ticket);
            Results.WriteError(header.Ticket, took: 0, refused);
            _recorder?.End(FutureState.Failed, elapsed: 0);
        }
        else
        {
            InvokerOf(work!.GetType(), header).Run(this, header, options, work);
            _recorder?.End(_outcome, Elapsed);
        }

        if (activity is not null)
        {
            Span = null;
            activity.Stop();
            Activity.Current = null; // also if the work has stopped it itself
        }

        WorkerCultures.Leave(own);

        Volatile.Write(ref _takesToken, false);
        _ports.OfTask.Close();
    }

    /// <summary>Returns the objects of the work that the task shares with others; none if it shares none. The time for reading them does not count
    /// as the task's.</summary>
    private object[] ReadShared(in TaskHeader header, out bool listens, out Exception? refused)
    {
        listens = false;
        refused = null;
        if (header.Work == 0) return [];
        bool wasRead = false;
        try
        {
            if (_definitionsError is not null) throw _definitionsError;
            return _works.Read(header.Work, out wasRead, out listens);
        }
        catch (Exception error)
        {
            refused = error; // only this task fails
            return [];
        }
        finally
        {
            if (wasRead)
            {
                _runner.TimePassed();
                _channel.Slots.Restart(header.Ticket, _runner.Start(Core.Time));
            }
        }
    }

    /// <summary>Runs a task that does nothing through all the code for tasks: the first run takes as long as a thousand tasks.</summary>
    private void WarmUp(TaskMessage message)
    {
        CurrentTicket = default;
        _flags = TaskFlags.None;
        _listens = false;
        var work = TaskReading.Read(_reader, message.Body, connector: null, [], KeptObjects.None, out _);
        InvokerOf(work.GetType(), message.Header).Run(this, message.Header, options: null, work);
    }

    private unsafe Delegate ReadWork(TaskMessage message, LiveConnector? ports, object[] known, out MethodInfo? method)
    {
        if ((message.Header.Flags & TaskFlags.IsElsewhere) == TaskFlags.None) return TaskReading.Read(_reader, message.Body, ports, known, out method);
        var record = SegmentRecord.Read(message.Body);
        Delegate work;
        using (var segment = _channel.OpenSegment(record.Number, record.SegmentLength, record.Use))
        {
            work = TaskReading.Read(_reader, new ReadOnlySpan<byte>(segment.Start, (int)record.Length), ports, known, out method);
        }

        if (record.IsAwaited != 0) Results.WriteBodyRead(message.Header.Ticket);
        return work;
    }

    private TaskInvoker InvokerOf(Type work, in TaskHeader header)
    {
        bool bringsResult = (header.Flags & TaskFlags.BringsResult) != TaskFlags.None;
        int variant = TaskInvoker.Variant(header.Kind, bringsResult);
        if (_lastInvoker is { } last && _lastWork == work && _lastVariant == variant) return last;
        if (!_invokers.TryGetValue(work, out var invokers)) _invokers.Add(work, invokers = new TaskInvoker?[TaskInvoker.Variants]);
        var invoker = invokers[variant] ??= TaskInvoker.For(work, header.Kind, bringsResult);
        _lastWork = work;
        _lastVariant = variant;
        _lastInvoker = invoker;
        return invoker;
    }

    private void TakeDefinitions(ReadOnlySpan<byte> block)
    {
        try
        {
            _reader.ReadDefinitions(block);
        }
        catch (Exception error)
        {
            _definitionsError ??= error; // thrown for each task that needs a missing definition
        }
    }

    private void SetUp(in WorkerSetup setup, ReadOnlySpan<byte> rest)
    {
        int name = setup.NameLength * sizeof(char);
        Core = new WorkerCore(new string(RecordHeaders.TextOf(rest[..name])), _owner);
        rest = rest[name..];
        int recording = setup.RecordingLength * sizeof(char);
        if (recording > 0 && RecordingInvitation.TryParse(new string(RecordHeaders.TextOf(rest[..recording]))) is { } invitation)
            _recorder = LastTaskRecorder.TryOpen(invitation, Core.Name, setup.Number);
        rest = rest[recording..];
        Core.UnobservedFailure += failure => Results.WriteDetached(CurrentTicket, failure.Exception);
        var cultures = rest[..setup.CulturesLength];
        _cultures.SetUp(cultures);
        Results.MemoryLimit = setup.MemoryLimit;
        _runner = new TaskRunner(new WorkerIdentity(setup.Number, $"{Core.Name} #{setup.Number}"));
        rest = rest[setup.CulturesLength..];
        byte[] exitHook = rest[..setup.ExitHookLength].ToArray();
        if (setup.HasInitializer == 0)
        {
            _exitHook = exitHook;
            return;
        }

        Exception? failed = null;
        try
        {
            if (_definitionsError is not null) throw _definitionsError;
            TaskReading.ReadInitializer(_reader, rest[exitHook.Length..])();
            _exitHook = exitHook; // a worker that could not be initialized has nothing to end
        }
        catch (Exception error)
        {
            failed = error; // reported to the executor, which breaks
        }

        Results.WriteInitialized(failed);
    }
}
