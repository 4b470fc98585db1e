using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;

namespace Samovar.Testing;

/// <summary>Runs parts of several tasks in a fixed order: part 0 first, then 1, and so on.</summary>
/// <remarks>
/// <code>
/// var sequencer = new Sequencer();
/// // in one task                                  // in another
/// await sequencer.RunAsync(0, PrepareAsync);      await sequencer.RunAsync(1, UseAsync);
/// await sequencer.RunAsync(2, CleanAsync);
/// </code>
/// All members are thread-safe.
/// </remarks>
[DebuggerDisplay("Sequencer: next is {Next}")]
public sealed class Sequencer
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;
    private readonly Dictionary<int, Waiter> _waiting = [];
    private readonly HashSet<int> _seen = [];
    private int _next;
    private int _brokenAt = int.MaxValue;
    private Exception? _broken;

    /// <summary>Initializes a sequencer whose next part is 0.</summary>
    public Sequencer() => _queue = new AsyncWaitQueue(_gate);

    /// <summary>Gets the place of the part that runs now or next.</summary>
    public int Next
    {
        get
        {
            lock (_gate) return _next;
        }
    }

    /// <summary>Waits for the turn of a part, runs it, and then passes the turn to the next part.</summary>
    /// <param name="place">The part's place in the order, from 0. Each place can be used once.</param>
    /// <param name="part">The part to run.</param>
    /// <returns>A task that completes with the part.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="part"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="place"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">The place has already been used, or an earlier part failed or was cancelled.</exception>
    public async Task RunAsync(int place, Func<Task> part)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        ArgumentNullException.ThrowIfNull(part);
        var turn = Enlist(place);
        try
        {
            if (turn is not null) await WaitAsync(turn).ConfigureAwait(true);
            await part().ConfigureAwait(true);
        }
        catch (Exception error)
        {
            // Rethrown to the caller; and the later parts must not wait indefinitely.
            Break(place, error);
            throw;
        }

        Pass();
    }

    /// <inheritdoc cref="RunAsync(int, Func{Task})"/>
    public Task RunAsync(int place, Action part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return RunAsync(place, () =>
        {
            part();
            return Task.CompletedTask;
        });
    }

    private static async Task WaitAsync(Waiter turn)
    {
        try
        {
            await turn.WaitAsync(CancellationToken.None).ConfigureAwait(true);
        }
        catch (InvalidOperationException) when (AsyncWaitQueue.CanceledBy(CancellationToken.None) is not null)
        {
            // Another part in the same scope was cancelled first and broke the sequence. This wait was cancelled too, and reports that.
            throw new OperationCanceledException(AsyncWaitQueue.CanceledBy(CancellationToken.None)!.Value);
        }
    }

    private Waiter? Enlist(int place)
    {
        lock (_gate)
        {
            if (!_seen.Add(place)) throw new InvalidOperationException($"Place {place} of the sequencer has already been used. Use each place once.");
            if (place > _brokenAt) throw Broken();
            var turn = place == _next ? null : _waiting[place] = _queue.Join(new Turn(this, place));
            CheckInvariantsLocked();
            return turn;
        }
    }

    private void Pass()
    {
        Waiter? next;
        lock (_gate)
        {
            if (_waiting.Remove(++_next, out next) && !_queue.Take(next)) next = null; // it was cancelled meanwhile
            CheckInvariantsLocked();
        }

        next?.Grant();
    }

    private void Break(int place, Exception error)
    {
        List<Waiter> behind = [];
        lock (_gate)
        {
            if (place < _brokenAt) (_brokenAt, _broken) = (place, error);
            _waiting.Remove(place);
            foreach (int other in _waiting.Keys.Where(other => other > place).Order().ToList())
            {
                if (_waiting.Remove(other, out var waiter) && _queue.Take(waiter)) behind.Add(waiter);
            }

            CheckInvariantsLocked();
        }

        foreach (var waiter in behind) waiter.Fail(Broken());
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_queue.Count <= _waiting.Count, "each queued waiter waits for a turn");
        Debug.Assert(!_waiting.ContainsKey(_next), "no waiter waits for the current turn");
        Debug.Assert(_waiting.Count <= _seen.Count, "each place is used once");
        Debug.Assert(_broken is not null || _brokenAt == int.MaxValue, "a broken sequence has a cause");
    }

    private InvalidOperationException Broken() => new($"The sequence was broken by the part at place {_brokenAt}: {_broken!.Message}", _broken);

    private sealed class Turn(Sequencer sequencer, int place) : IWaitedFor
    {
        public string Describe() => $"turn {place} of a sequencer, which is at {sequencer.Next}";
    }
}
