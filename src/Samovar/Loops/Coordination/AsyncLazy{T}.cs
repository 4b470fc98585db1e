using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>A value that is created once, asynchronously, on first use, and shared. For code on a loop or off it.</summary>
/// <remarks>
/// <para>No caller owns the creation: unlike with a task in a field, no scope, deadline or task around the first caller cancels it for the others.
/// Each caller's own wait can be cancelled by its token and its scope, and the creation continues.</para>
/// <para>The creation starts inside the first caller's call, on its loop if it runs on one, and belongs to no scope except the loop's root scope. If
/// that loop stops first, the next caller starts the creation again. A failure is thrown to the current waiters and not kept: the next caller tries
/// again.</para>
/// <para>All members are thread-safe. The value is never disposed.</para>
/// </remarks>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncLazy<T> : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly Func<Task<T>> _make;
    private Making? _making; // under the gate: the creation that is in progress or has succeeded

    /// <summary>Initializes the object without creating its value.</summary>
    /// <param name="make">Creates the value. It must not request the value itself.</param>
    /// <param name="name">The object's name in reports; null for none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="make"/> is null.</exception>
    public AsyncLazy(Func<Task<T>> make, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(make);
        _make = make;
        Name = name;
    }

    /// <summary>Gets the object's name in reports, or null if it has no name.</summary>
    public string? Name { get; }

    /// <summary>Gets whether the value has been created, so that callers do not wait.</summary>
    public bool IsValueCreated
    {
        get
        {
            lock (_gate) return _making is { Value.IsCompletedSuccessfully: true };
        }
    }

    private string DebuggerText => $"AsyncLazy {Name}: {(_making is null ? "not created" : _making.Value.IsCompletedSuccessfully ? "created" : "being created")}";

    /// <summary>Returns the value. Starts its creation unless another caller already has, and waits for it.</summary>
    /// <param name="cancellationToken">Cancels the wait; the creation continues.</param>
    /// <returns>The value.</returns>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    public ValueTask<T> GetValueAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel<T>(canceled);
        var making = GetOrBegin();
        return making.Value.IsCompletedSuccessfully ? new ValueTask<T>(making.Value) : new ValueTask<T>(WaitAsync(making, cancellationToken));
    }

    string IWaitedFor.Describe() => $"lazy value {(Name is null ? "" : $"'{Name}' ")}(being created)";

    private Making GetOrBegin()
    {
        Making making;
        lock (_gate)
        {
            if (_making is { } known) return known;
            _making = making = new Making(this, ExternalWorkTracker.Current);
            CheckInvariantsLocked();
        }

        _ = MakeAsync(making); // its outcome is stored in the creation
        return making;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_making is not { Value.IsFaulted: true }, "a failed creation is not kept");
    }

    private async Task MakeAsync(Making making)
    {
        var loop = ScopedLoopOwner.Current;
        AmbientFrame.Current = loop is null ? null : new AmbientFrame(loop.Root, null); // restored when the method returns
        try
        {
            making.Succeed(await (_make() ?? throw new InvalidOperationException("The factory returned null where a task was expected.")).ConfigureAwait(true));
        }
        catch (Exception error)
        {
            // Every waiter throws it; the next caller tries again.
            lock (_gate) _making = null;
            making.Fail(error, endedWithLoop: error is OperationCanceledException && loop is { Root.IsCancellationRequested: true });
        }
    }

    private async Task<T> WaitAsync(Making making, CancellationToken cancellationToken)
    {
        while (true)
        {
            var ofScope = CancelScope.CurrentToken;
            using var both = cancellationToken.CanBeCanceled && ofScope.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ofScope) : null;
            var token = both?.Token ?? (cancellationToken.CanBeCanceled ? cancellationToken : ofScope);
            try
            {
                var wait = making.Value.WaitAsync(token);
                await (ReferenceEquals(ExternalWorkTracker.Current, making.Tracker) ? wait : ExternalWorkTracker.TrackExternalAsync(wait)).ConfigureAwait(true);
                return await wait.ConfigureAwait(true);
            }
            catch (OperationCanceledException) when (AsyncWaitQueue.CanceledBy(cancellationToken) is not null)
            {
                throw new OperationCanceledException(AsyncWaitQueue.CanceledBy(cancellationToken)!.Value);
            }
            catch (OperationCanceledException) when (making.HasEndedWithLoop && ScopedLoopOwner.Current is not { Root.IsCancellationRequested: true })
            {
                making = GetOrBegin(); // the loop that ran the creation has stopped, this caller's has not
            }
        }
    }

    /// <summary>One creation of the value.</summary>
    private sealed class Making(AsyncLazy<T> lazy, ExternalWorkTracker? tracker)
    {
        private readonly TaskCompletionSource<T> _end = new(lazy, TaskCreationOptions.RunContinuationsAsynchronously); // its state names the wait in reports
        private bool _hasEndedWithLoop;

        public Task<T> Value => _end.Task;

        /// <summary>The tracker of the loop in virtual time whose code creates the value, and which therefore sees the creation; null without such
        /// a loop.</summary>
        public ExternalWorkTracker? Tracker => tracker;

        /// <summary>Whether the loop stopped before the value was created. Valid after a cancellation.</summary>
        public bool HasEndedWithLoop => Volatile.Read(ref _hasEndedWithLoop);

        public void Succeed(T value) => _end.SetResult(value);

        public void Fail(Exception error, bool endedWithLoop)
        {
            Volatile.Write(ref _hasEndedWithLoop, endedWithLoop);
            _end.SetException(error);
        }
    }
}
