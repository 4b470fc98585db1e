using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>A value that is made once, asynchronously, when it is asked for first, and shared. For code on a loop or off it.</summary>
/// <remarks>
/// <para>No caller owns the making: no scope, deadline or task around the first caller ends it for the others, as would happen to a task kept in a field.
/// Each caller's own wait ends with its token and its scope, and the making goes on.</para>
/// <para>It begins in the first caller's turn, on its loop where there is one, and stands in no scope but the loop's own. Where that loop ends before, the next to ask begins
/// anew. A failure is given to those who wait, and not kept: the next to ask tries again.</para>
/// <para>All members are thread-safe. The value is never disposed.</para>
/// </remarks>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncLazy<T> : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly Func<Task<T>> _make;
    private Making? _making; // under the gate: what is under way or has succeeded

    /// <summary>Makes one; its value is not made yet.</summary>
    /// <param name="make">Makes the value. It must not ask for the value itself.</param>
    /// <param name="name">Its name in reports.</param>
    /// <exception cref="ArgumentNullException"><paramref name="make"/> is null.</exception>
    public AsyncLazy(Func<Task<T>> make, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(make);
        _make = make;
        Name = name;
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>Whether the value is there, so that no caller waits for it.</summary>
    public bool IsValueCreated
    {
        get
        {
            lock (_gate) return _making is { Value.IsCompletedSuccessfully: true };
        }
    }

    private string DebuggerText => $"AsyncLazy {Name}: {(_making is null ? "not made" : _making.Value.IsCompletedSuccessfully ? "made" : "being made")}";

    /// <summary>Returns the value; makes it if no caller has begun to, and waits until it is there.</summary>
    /// <param name="cancellationToken">Gives up waiting; the making goes on.</param>
    public ValueTask<T> GetValueAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel<T>(canceled);
        var making = GetOrBegin();
        return making.Value.IsCompletedSuccessfully ? new ValueTask<T>(making.Value) : new ValueTask<T>(WaitAsync(making, cancellationToken));
    }

    string IWaitedFor.Describe() => $"lazy value {(Name is null ? "" : $"'{Name}' ")}(being made)";

    private Making GetOrBegin()
    {
        Making making;
        lock (_gate)
        {
            if (_making is { } known) return known;
            _making = making = new Making(this, ExternalWorkTracker.Current);
            CheckInvariantsLocked();
        }

        _ = MakeAsync(making); // its outcome is the making's
        return making;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_making is not { Value.IsFaulted: true }, "a failure is not kept");
    }

    private async Task MakeAsync(Making making)
    {
        var loop = ScopedLoopOwner.Current;
        AmbientFrame.Current = loop is null ? null : new AmbientFrame(loop.Root, null); // undone with the method
        try
        {
            making.Succeed(await (_make() ?? throw new InvalidOperationException("The method that makes the value returned null where a task was expected.")).ConfigureAwait(true));
        }
        catch (Exception error)
        {
            // Each wait throws it; the next caller tries again.
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
                making = GetOrBegin(); // the loop that made it is gone, this one is not
            }
        }
    }

    /// <summary>One time that the value is made.</summary>
    private sealed class Making(AsyncLazy<T> lazy, ExternalWorkTracker? tracker)
    {
        private readonly TaskCompletionSource<T> _end = new(lazy, TaskCreationOptions.RunContinuationsAsynchronously); // reports find by it what is waited for
        private bool _hasEndedWithLoop;

        public Task<T> Value => _end.Task;

        /// <summary>The loop in virtual time whose code makes it, and which so knows of it; null for none.</summary>
        public ExternalWorkTracker? Tracker => tracker;

        /// <summary>Whether its loop ended before it was made. After a cancellation.</summary>
        public bool HasEndedWithLoop => Volatile.Read(ref _hasEndedWithLoop);

        public void Succeed(T value) => _end.SetResult(value);

        public void Fail(Exception error, bool endedWithLoop)
        {
            Volatile.Write(ref _hasEndedWithLoop, endedWithLoop);
            _end.SetException(error);
        }
    }
}
