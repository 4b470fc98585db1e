using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>Something that happens, and that may be awaited. For code on a loop or off it.</summary>
/// <remarks>With <see cref="EventResetMode.ManualReset"/> it lets all pass from when it is set until it is reset; with
/// <see cref="EventResetMode.AutoReset"/> each setting lets one pass, in order of arrival. All members are thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncEvent : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;
    private bool _isSet;

    /// <summary>Makes one.</summary>
    /// <param name="isSet">Whether it has happened already.</param>
    /// <param name="mode">Whether it stays set.</param>
    /// <param name="name">Its name in reports.</param>
    public AsyncEvent(bool isSet = false, EventResetMode mode = EventResetMode.ManualReset, string? name = null)
    {
        if (!Enum.IsDefined(mode)) throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a member of EventResetMode.");
        _isSet = isSet;
        Mode = mode;
        Name = name;
        _queue = new AsyncWaitQueue(_gate);
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>Whether it stays set.</summary>
    public EventResetMode Mode { get; }

    /// <summary>Whether it would let somebody pass now.</summary>
    public bool IsSet
    {
        get
        {
            lock (_gate) return _isSet;
        }
    }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    private string DebuggerText => $"AsyncEvent {Name}: {(_isSet ? "set" : "not set")}, {_queue.Count} waiting";

    /// <summary>Waits until it is set.</summary>
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

    /// <summary>It happens.</summary>
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

    /// <summary>From here on nobody passes until it happens again.</summary>
    public void Reset()
    {
        lock (_gate) _isSet = false;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_isSet || _queue.Count == 0, "nobody waits while it is set");
    }

    string IWaitedFor.Describe() => $"event {(Name is null ? "" : $"'{Name}' ")}(not set)";
}
