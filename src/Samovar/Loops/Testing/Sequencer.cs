using System.Diagnostics;
using Samovar.Loops;

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
    private readonly Dictionary<int, TaskCompletionSource> _waiting = [];
    private readonly HashSet<int> _seen = [];
    private int _next;
    private Exception? _broken;

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
            await turn.WaitAsync(CancelScope.CurrentToken).ConfigureAwait(true);
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

    private Task Enlist(int place)
    {
        lock (_gate)
        {
            if (!_seen.Add(place)) throw new InvalidOperationException($"Place {place} of the sequencer has been used before.");
            if (_broken is not null) throw new InvalidOperationException($"The sequence was broken before place {place}: {_broken.Message}", _broken);
            if (place == _next) return Task.CompletedTask;
            var turn = new TaskCompletionSource(new Turn(this, place), TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[place] = turn;
            return turn.Task;
        }
    }

    private void Pass()
    {
        TaskCompletionSource? next;
        lock (_gate) _waiting.Remove(++_next, out next);
        next?.TrySetResult();
    }

    private void Break(int place, Exception error)
    {
        TaskCompletionSource[] waiting;
        lock (_gate)
        {
            _broken ??= error;
            waiting = [.. _waiting.Values];
            _waiting.Clear();
        }

        foreach (var turn in waiting) turn.TrySetException(new InvalidOperationException($"The sequence was broken at place {place}: {error.Message}", error));
    }

    private sealed class Turn(Sequencer sequencer, int place) : IWaitedFor
    {
        public string Describe() => $"turn {place} of a sequencer, which stands at {sequencer.Next}";
    }
}
