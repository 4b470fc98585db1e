namespace Samovar.RabbitMQ.Connections;

/// <summary>Keeps a session open: opens the next one when the current one fails, until it is disposed.</summary>
internal sealed class ConnectionSupervisor : IAsyncDisposable
{
    private static readonly TimeSpan s_cleanUpTimeout = TimeSpan.FromSeconds(10);

    private readonly SessionParts _parts;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Task> _cleanUps = []; // of the loop; read when it has stopped
    private readonly ReconnectPause _pause = new(); // of the loop
    private readonly Task _run;
    private long _openedAt; // of the loop
    private Session _current; // gate
    private TaskCompletionSource<Session> _next = NewNext(); // gate: the session after the current one

    public ConnectionSupervisor(SessionParts parts, Session first)
    {
        _parts = parts;
        _current = first;
        _openedAt = parts.Options.TimeProvider.GetTimestamp();
        _run = Task.Run(RunAsync);
    }

    /// <summary>Waits for a session that works.</summary>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public async ValueTask<Session> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<Session> next;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(ClusterConnection));
                if (!_current.Failed.IsCompleted) return _current;
                next = _next.Task;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gets the current session, which may have failed.</summary>
    public Session Current
    {
        get
        {
            lock (_gate) return _current;
        }
    }

    public async ValueTask DisposeAsync()
    {
        TaskCompletionSource<Session> next;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            _stop.Cancel();
            next = _next;
        }

        next.TrySetException(new ObjectDisposedException(typeof(ClusterConnection).FullName));
        _ = next.Task.Exception; // each caller that waits has it
        await _run.ConfigureAwait(false);
        Session last = Current;
        await (last.Failed.IsCompleted ? last.AbortAsync() : last.CloseAsync()).ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_cleanUps).WaitAsync(s_cleanUpTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The sockets are closed. What the client library still waits for has no effect on others.
        }
    }

    private static TaskCompletionSource<Session> NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                Session session = Current;
                Exception cause = await session.Failed.WaitAsync(_stop.Token).ConfigureAwait(false);
                _parts.States.Set(ClusterConnectionState.Interrupted, cause);
                _cleanUps.RemoveAll(static cleanUp => cleanUp.IsCompletedSuccessfully);
                _cleanUps.Add(session.AbortAsync());
                if (_parts.Options.TimeProvider.GetElapsedTime(_openedAt) > ReconnectPause.Longest) _pause.Reset(); // otherwise sessions fail one after another
                Continue(await ReopenAsync().ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private void Continue(Session session)
    {
        TaskCompletionSource<Session> next;
        lock (_gate)
        {
            _current = session;
            next = _next;
            _next = NewNext();
        }

        next.TrySetResult(session);
    }

    private async Task<Session> ReopenAsync()
    {
        while (true)
        {
            await Task.Delay(_pause.Next(), _parts.Options.TimeProvider, _stop.Token).ConfigureAwait(false);
            try
            {
                Session session = await Session.OpenAsync(_parts, _stop.Token).ConfigureAwait(false);
                _openedAt = _parts.Options.TimeProvider.GetTimestamp();
                return session;
            }
            catch (ClusterConnectionException error)
            {
                _pause.NoteFailure(error);
                _parts.States.Retrying(error);
            }
        }
    }
}
