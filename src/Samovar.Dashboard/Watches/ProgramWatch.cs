using System.Text.Json;

namespace Samovar.Dashboard.Watches;

/// <summary>The watch of one program, shared by all viewers. It runs while there are viewers or requests, and some time longer. Thread-safe.</summary>
/// <remarks>
/// 1. All fields are guarded by the gate; connections are opened, read and closed outside it.
/// 2. A viewer or a request is a user. The first one starts a run; when the last one leaves, a timer starts that stops the run.
/// 3. A run connects, and after a lost connection connects again, until it is stopped or the program has exited. There is at most one run at a time.
/// </remarks>
internal sealed class ProgramWatch(WatchedProgram program, TimeSpan idleTime, TimeProvider clock)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1); // between two attempts to connect

    private readonly Lock _gate = new();
    private readonly HashSet<Viewer> _viewers = [];
    private int _users;
    private int _connections;
    private ITimer? _idle;
    private CancellationTokenSource? _run;
    private Task _lastRun = Task.CompletedTask;
    private bool _isStopped;
    private ServerEvent? _hello;
    private ServerEvent? _picture;
    private ServerEvent? _state; // how the program ended, or that its connection is lost; null while it is connected
    private string? _end;
    private TaskCompletionSource<WatchConnection> _connected = NewSource();

    /// <summary>Whether the program is being watched.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate) return _run is not null;
        }
    }

    /// <summary>How many connections were opened.</summary>
    public int Connections
    {
        get
        {
            lock (_gate) return _connections;
        }
    }

    /// <summary>How many viewers there are.</summary>
    public int Viewers
    {
        get
        {
            lock (_gate) return _viewers.Count;
        }
    }

    /// <summary>Adds a viewer, which first gets what is known. Returns null if there are already as many as <paramref name="most"/>.</summary>
    public Viewer? TryJoin(int most)
    {
        var viewer = new Viewer();
        lock (_gate)
        {
            if (_viewers.Count >= most) return null;
            _viewers.Add(viewer);
            foreach (var known in KnownLocked()) viewer.Add(known);
            if (_isStopped) viewer.Complete();
            EnterLocked();
        }

        return viewer;
    }

    /// <summary>Removes a viewer.</summary>
    public void Leave(Viewer viewer)
    {
        lock (_gate)
        {
            if (_viewers.Remove(viewer)) ExitLocked();
        }
    }

    /// <summary>Returns the events that a viewer needs to show the present state.</summary>
    public IReadOnlyList<ServerEvent> Known()
    {
        lock (_gate) return [.. KnownLocked()];
    }

    /// <summary>Sends a request to the program, and returns its reply as JSON.</summary>
    /// <exception cref="IOException">The program has exited, or the connection to it is lost.</exception>
    public async Task<byte[]> AskAsync(JsonElement request, CancellationToken cancellation)
    {
        Task<WatchConnection> connected;
        lock (_gate)
        {
            if (_end is not null) throw new IOException(_end);
            if (_isStopped) throw new IOException("The dashboard has stopped.");
            EnterLocked();
            connected = _connected.Task;
        }

        try
        {
            var connection = await connected.WaitAsync(cancellation).ConfigureAwait(false);
            return await connection.AskAsync(request, cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) ExitLocked();
        }
    }

    /// <summary>Starts the watch without viewers, until <see cref="Stop"/>.</summary>
    public void Keep()
    {
        lock (_gate) EnterLocked();
    }

    /// <summary>Stops the watch, and completes the events of all viewers.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_isStopped) return;
            _isStopped = true;
            StopLocked();
            foreach (var viewer in _viewers) viewer.Complete();
        }
    }

    /// <summary>Completes when the connection of a stopped watch is closed.</summary>
    public Task WhenStoppedAsync()
    {
        lock (_gate) return _lastRun;
    }

    private static TaskCompletionSource<WatchConnection> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IEnumerable<ServerEvent> KnownLocked()
    {
        if (_hello is not null) yield return _hello;
        if (_picture is not null) yield return _picture;
        if (_state is not null) yield return _state;
    }

    private void EnterLocked()
    {
        _users++;
        _idle?.Dispose();
        _idle = null;
        if (_run is not null || _isStopped || _end is not null) return;
        _run = new CancellationTokenSource();
        var stop = _run.Token;
        var before = _lastRun;
        _lastRun = Task.Run(() => RunAsync(before, stop), CancellationToken.None);
    }

    private void ExitLocked()
    {
        if (--_users > 0 || _run is null) return;
        _idle = clock.CreateTimer(static self => ((ProgramWatch)self!).StopIdle(), this, idleTime, Timeout.InfiniteTimeSpan);
    }

    private void StopIdle()
    {
        lock (_gate)
        {
            if (_users == 0) StopLocked();
        }
    }

    private void StopLocked()
    {
        _idle?.Dispose();
        _idle = null;
        _ = _run?.CancelAsync(); // the token is cancelled at once, and its callbacks run outside the gate
        _run = null;
        _hello = _picture = null; // the next run has another recording
        if (_end is null) _state = null;
        if (_connected.Task.IsCompleted) _connected = NewSource();
    }

    private async Task RunAsync(Task before, CancellationToken stop)
    {
        await before.ConfigureAwait(false);
        while (!stop.IsCancellationRequested)
        {
            string lost;
            int? exitCode = null;
            try
            {
                await using var connection = new WatchConnection(await program.ConnectAsync(stop).ConfigureAwait(false));
                lock (_gate)
                {
                    if (stop.IsCancellationRequested) return;
                    _connections++;
                    _state = null;
                    _connected.TrySetResult(connection);
                }

                await connection.ReadAsync((kind, number, line) => Receive(kind, number, line, stop), stop).ConfigureAwait(false);
                (lost, exitCode) = ("The connection to the program ended.", connection.ExitCode);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                lost = $"The connection to the program was lost: {error.Message}";
            }

            if (!await TryContinueAsync(lost, exitCode, stop).ConfigureAwait(false)) return;
        }
    }

    private void Receive(LineKind kind, long number, byte[] line, CancellationToken stop)
    {
        var next = kind == LineKind.Hello ? ServerEvent.Hello(line) : ServerEvent.Picture(number, line);
        lock (_gate)
        {
            if (stop.IsCancellationRequested) return;
            if (kind == LineKind.Hello) _hello = next;
            else _picture = next;
            PublishLocked(next);
        }
    }

    /// <summary>Publishes that the connection was lost, or how the program ended. Returns whether to connect again, after a pause.</summary>
    private async Task<bool> TryContinueAsync(string lost, int? exitCode, CancellationToken stop)
    {
        string? end = null;
        try
        {
            end = await program.FindEndAsync(exitCode, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception error)
        {
            lost = $"{lost} Whether the program has exited is not known: {error.Message}"; // the next attempt to connect shows it
        }

        if (!Continue(end, lost, stop)) return false;
        await Task.Delay(s_pause, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    private bool Continue(string? end, string lost, CancellationToken stop)
    {
        lock (_gate)
        {
            if (stop.IsCancellationRequested) return false;
            _end = end;
            _state = end is null ? ServerEvent.Lost(lost, clock.GetUtcNow()) : ServerEvent.Ended(end, clock.GetUtcNow());
            PublishLocked(_state);
            if (end is not null && _connected.TrySetException(new IOException(end))) _ = _connected.Task.Exception; // requests that wait throw it; there may be none
            if (_connected.Task.IsCompleted) _connected = NewSource();
            if (end is null) return true;
            _run = null;
            return false;
        }
    }

    private void PublishLocked(ServerEvent next)
    {
        foreach (var viewer in _viewers) viewer.Add(next);
    }
}
