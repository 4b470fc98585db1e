using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <content>Workers: started as tasks need them, told what they are, retired.</content>
internal sealed partial class ProcessHost
{
    private readonly List<WorkerLink> _spares = [];
    private ParentBell? _bell;
    private WorkerLauncher? _launcher;
    private ITimer? _idleTimer;
    private int _starting; // processes that are not yet in one of the lists of those that can work
    private int _launching; // of those, the ones that are no processes yet
    private int _started;

    /// <summary>How many tasks may run at the same time.</summary>
    public int Workers
    {
        get => Volatile.Read(ref _workers);
        set
        {
            int launches;
            lock (_gate)
            {
                Volatile.Write(ref _workers, value);
                while (_ready.Count > value) RetireUnderGate(_ready.Find(static l => l.Out == 0) ?? _ready[^1]);
                PromoteSparesUnderGate();
                launches = LaunchesUnderGate();
            }

            if (launches > 0) Launch(launches);
            _bell?.Interrupt();
        }
    }

    /// <summary>How many processes to start now; the caller must <see cref="Launch"/> them.</summary>
    private int LaunchesUnderGate()
    {
        if (_broken is not null || _isEnding || _pause is not null || _refusal is not null) return 0;
        int wanted = Math.Min(_workers, _ready.Count + _lanes.Count);
        if (wanted > 0) wanted += _options.SpareWorkers;
        if (_startError is not null) wanted = Math.Min(wanted, _ready.Count + _spares.Count + 1); // to see whether one comes up now
        int launches = Math.Max(0, wanted - _ready.Count - _spares.Count - _starting);
        _starting += launches;
        _launching += launches;
        return launches;
    }

    private void Launch(int count)
    {
        try
        {
            EnsureDraining();
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                _starting -= count;
                _launching -= count;
            }

            StartFailed(error);
            return;
        }

        for (int i = 0; i < count; i++) ThreadPool.UnsafeQueueUserWorkItem(static host => _ = host.LaunchOneAsync(), this, preferLocal: false);
    }

    private async Task LaunchOneAsync()
    {
        int number = Interlocked.Increment(ref _started);
        string name = $"{Name} #{number}";
        try
        {
            var lines = new WorkerLines(_options, number, name, ReadsPipes, _delivery, error => Report(FailureSource.OutputHandler, 0, null, error));
            var start = _start with { Output = lines.Receive, Backlog = lines.Backlog };
            var connection = _launcher is null
                ? LocalWorker.Start(this, _bell!, start, name)
                : await _launcher.LaunchAsync(start).ConfigureAwait(false);
            lines.ProcessId = connection.Process.Id;
            var link = new WorkerLink(number, name, connection) { Lines = lines, Memory = _options.InProcess ? null : MemoryGuard.Of(_options.HardMemoryLimit) };
            lock (_gate)
            {
                _launching--;
                Volatile.Write(ref _links, [.. _links, link]);
            }
        }
        catch (Exception error)
        {
            // Nobody awaits this: the executor counts it, and tells through its futures.
            lock (_gate)
            {
                _starting--;
                _launching--;
            }

            StartFailed(error);
        }

        _bell!.Interrupt();
    }

    /// <summary>Drain: a worker has answered for the first time: tells it what it is.</summary>
    private void SetUp(WorkerLink link)
    {
        var cultures = _options.InProcess ? SentCultures.Nothing : _cultures.Setup; // which a thread of this process has
        int definitions = Math.Max(_initializerDefinitions, cultures.DefinitionsNeeded);
        var setup = new WorkerSetup(
            _options.MemoryLimitPerWorker ?? 0, link.Number, Name.Length, cultures.Record.Length, definitions, _initializer is null ? 0 : 1);
        byte[] record =
        [
            .. RecordHeaders.BytesOf(in setup), .. MemoryMarshal.AsBytes(Name.AsSpan()),
            .. cultures.Record, .. _initializer ?? [],
        ];
        var ringing = default(Ringing);
        lock (_gate)
        {
            link.Define(_writer, definitions);
            link.Write(RecordTag.Setup, record);
            ringing.Add(link); // from here on nothing may throw: a bell that is to be rung keeps its worker from being buried
            if (_initializer is not null) link.State = WorkerLinkState.Initializing;
            else UsableUnderGate(link, ref ringing);
        }

        ringing.Ring();
        Replace();
    }

    /// <summary>Drain: the initializer has run.</summary>
    private void Initialized(WorkerLink link, Exception? error)
    {
        PassOnOutput(link);
        if (error is not null)
        {
            Break(() => new WorkerInitializationException(Name, link.Identity.Name, error));
            lock (_gate)
            {
                _starting--;
                RetireUnderGate(link);
            }

            return;
        }

        var ringing = default(Ringing);
        lock (_gate) UsableUnderGate(link, ref ringing);
        ringing.Ring();
        Replace();
    }

    private void UsableUnderGate(WorkerLink link, ref Ringing ringing)
    {
        _starting--;
        ForgetFailuresUnderGate();
        link.State = WorkerLinkState.Spare;
        _spares.Add(link);
        PromoteSparesUnderGate();
        if (link.State == WorkerLinkState.Ready) SendQueuedUnderGate(link, ref ringing);
        if (link.Out > 0 || _isEnding) return;
        TeachUnderGate(link, ref ringing);
        TryWriteUnderGate(link, RecordTag.WarmUp, _warmUp.Record, ref ringing);
    }

    private static PackedRecord WarmUpBy(ShippingWriter writer)
    {
        using var body = writer.Prepare<Delegate>(static () => 0);
        byte[] record = new byte[TaskHeader.Size + body.Length];
        MemoryMarshal.Write(record, new TaskHeader { Traits = TaskTraits.BringsResult | TaskTraits.IsWarmUp, Attempt = 1 });
        body.CopyTo(record.AsSpan(TaskHeader.Size));
        return new PackedRecord(record, body.DefinitionsNeeded);
    }

    /// <summary>Fills the ranks from those that stand by.</summary>
    private void PromoteSparesUnderGate()
    {
        while (_ready.Count < _workers && _spares.Count > 0)
        {
            var link = _spares[0];
            _spares.RemoveAt(0);
            link.State = WorkerLinkState.Ready;
            _ready.Add(link);
            IdleUnderGate(link);
        }
    }

    /// <summary>The worker gets no more; what it has not begun goes to others, and it ends after what it runs.</summary>
    private void RetireUnderGate(WorkerLink link)
    {
        if (link.State >= WorkerLinkState.Retiring) return;
        link.State = WorkerLinkState.Retiring;
        TakeOutUnderGate(link);
        PromoteSparesUnderGate();
        _bell!.Interrupt();
    }

    /// <summary>A worker has nothing to do any more.</summary>
    private void IdleUnderGate(WorkerLink link)
    {
        link.IdleSince = Time.GetTimestamp();
        if (link.State == WorkerLinkState.Retiring) _bell!.Interrupt();
        if (_options.IdleTimeout == Timeout.InfiniteTimeSpan || _isEnding) return;
        if (_idleTimer is not null) return;
        _idleTimer = Time.CreateUnflowedTimer(static host => ((ProcessHost)host!).EndIdleWorkers(), this);
        _idleTimer.Change(_options.IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    private void EndIdleWorkers()
    {
        lock (_gate)
        {
            if (_isEnding) return;
            _idleTimer?.Dispose();
            _idleTimer = null;
            long now = Time.GetTimestamp();
            var next = Timeout.InfiniteTimeSpan;
            foreach (var link in _ready.ToArray())
            {
                if (link.Out > 0) continue;
                var left = _options.IdleTimeout - Time.GetElapsedTime(link.IdleSince, now);
                if (left <= TimeSpan.Zero) RetireUnderGate(link);
                else if (next == Timeout.InfiniteTimeSpan || left < next) next = left;
            }

            // Those that are busy now arm the timer when they have ended.
            if (next != Timeout.InfiniteTimeSpan)
            {
                _idleTimer = Time.CreateUnflowedTimer(static host => ((ProcessHost)host!).EndIdleWorkers(), this);
                _idleTimer.Change(Durations.ToNextCall(next), Timeout.InfiniteTimeSpan);
            }
        }
    }
}
