using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>An event that is awaited. For code on a loop or off it.</summary>
/// <remarks>With <see cref="EventResetMode.ManualReset"/>, a set event lets all waiters continue until it is reset; with
/// <see cref="EventResetMode.AutoReset"/>, each call of <see cref="Set"/> lets one waiter continue, in order of arrival. All members are
/// thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncEvent : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;
    private bool _isSet;

    /// <summary>Initializes an event.</summary>
    /// <param name="isSet">Whether the event is initially set. The default is false.</param>
    /// <param name="mode">Whether the event stays set or resets itself when a waiter continues. The default is
    /// <see cref="EventResetMode.ManualReset"/>.</param>
    /// <param name="name">The event's name in reports; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mode"/> is not a member of <see cref="EventResetMode"/>.</exception>
    public AsyncEvent(bool isSet = false, EventResetMode mode = EventResetMode.ManualReset, string? name = null)
    {
        if (!Enum.IsDefined(mode)) throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a member of EventResetMode.");
        _isSet = isSet;
        Mode = mode;
        Name = name;
        _queue = new AsyncWaitQueue(_gate);
    }

    /// <summary>Gets the event's name in reports, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets whether the event stays set or resets itself when a waiter continues.</summary>
    public EventResetMode Mode { get; }

    /// <summary>Gets whether the event is set.</summary>
    public bool IsSet
    {
        get
        {
            lock (_gate) return _isSet;
        }
    }

    /// <summary>Gets the number of waiters.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    private string DebuggerText => $"AsyncEvent {Name}: {(_isSet ? "set" : "not set")}, {_queue.Count} waiting";

    /// <summary>Waits until the event is set.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the event lets this waiter continue.</returns>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    public ValueTask WaitAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel(canceled);
        Waiter waiter;
        lock (_gate)
        {
            if (_isSet)
            {
                if (Mode == EventResetMode.AutoReset) _isSet = false;
                CheckInvariantsLocked();
                return ValueTask.CompletedTask;
            }

            waiter = _queue.Join(this);
            CheckInvariantsLocked();
        }

        return new ValueTask(waiter.WaitAsync(cancellationToken));
    }

    /// <summary>Sets the event.</summary>
    public void Set()
    {
        List<Waiter> granted;
        lock (_gate)
        {
            if (Mode == EventResetMode.ManualReset)
            {
                _isSet = true;
                granted = _queue.TakeAll();
            }
            else
            {
                granted = _queue.Take() is { } first ? [first] : [];
                _isSet = granted.Count == 0;
            }

            CheckInvariantsLocked();
        }

        foreach (var waiter in granted) waiter.Grant();
    }

    /// <summary>Resets the event: waiters wait until it is set again.</summary>
    public void Reset()
    {
        lock (_gate) _isSet = false;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_isSet || _queue.Count == 0, "a set event has no waiters");
    }

    string IWaitedFor.Describe() => $"event {(Name is null ? "" : $"'{Name}' ")}(not set)";
}
