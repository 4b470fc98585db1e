using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;

namespace Samovar.Testing;

/// <summary>Brings parts of several tasks into one order: part 0 first, then 1, and so on.</summary>
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

    /// <summary>Makes one.</summary>
    public Sequencer() => _queue = new AsyncWaitQueue(_gate);

    /// <summary>The part whose turn it is.</summary>
    public int Next
    {
        get
        {
            lock (_gate) return _next;
        }
    }

    /// <summary>Waits for the turn of a part, runs it, and then lets the next have its turn.</summary>
    /// <param name="place">Its place in the order, from 0. Each is used once.</param>
    /// <param name="part">What to run.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative place.</exception>
    /// <exception cref="InvalidOperationException">The place has been used, or a part before it failed or was cancelled.</exception>
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
            // Thrown on; and those that stand behind it must not wait for ever.
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
            // Another of the same scope was told first, and broke the sequence: this one is cancelled as well, and that is what it says.
            throw new OperationCanceledException(AsyncWaitQueue.CanceledBy(CancellationToken.None)!.Value);
        }
    }

    private Waiter? Enlist(int place)
    {
        lock (_gate)
        {
            if (!_seen.Add(place)) throw new InvalidOperationException($"Place {place} of the sequencer has been used before.");
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
            if (_waiting.Remove(++_next, out next) && !_queue.Take(next)) next = null; // cancelled meanwhile
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
        Debug.Assert(_queue.Count <= _waiting.Count, "who stands in the line waits for a turn");
        Debug.Assert(!_waiting.ContainsKey(_next), "nobody waits for the turn that has come");
        Debug.Assert(_waiting.Count <= _seen.Count, "a place is used once");
        Debug.Assert(_broken is not null || _brokenAt == int.MaxValue, "what broke the sequence is known");
    }

    private InvalidOperationException Broken() => new($"The sequence was broken at place {_brokenAt}: {_broken!.Message}", _broken);

    private sealed class Turn(Sequencer sequencer, int place) : IWaitedFor
    {
        public string Describe() => $"turn {place} of a sequencer, which stands at {sequencer.Next}";
    }
}
