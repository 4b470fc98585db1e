using System.Diagnostics;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching;

/// <summary>Finds out for how long locks are held, from what it sees of them a few times a second: no lock records when it was entered, because that would
/// cost each entry something. Thread-safe.</summary>
internal sealed class HoldWatch
{
    private readonly Lock _gate = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private Dictionary<long, (object Hold, TimeSpan Since)> _holds = []; // gate; by the id of the object

    /// <summary>Notes what is held now, and returns it.</summary>
    public List<HeldLock> Note(IEnumerable<PrimitiveActivity> primitives) => Note(primitives, Stopwatch.GetElapsedTime(_began));

    /// <summary>Notes what is held at a time, and returns it.</summary>
    public List<HeldLock> Note(IEnumerable<PrimitiveActivity> primitives, TimeSpan now)
    {
        List<HeldLock> held = [];
        lock (_gate)
        {
            Dictionary<long, (object Hold, TimeSpan Since)> holds = [];
            foreach (var primitive in primitives)
            {
                if (primitive.Hold is not { } hold) continue;
                var since = _holds.TryGetValue(primitive.Id, out var before) && before.Hold.Equals(hold) ? before.Since : now;
                holds[primitive.Id] = (hold, since);
                held.Add(new HeldLock(primitive, now - since));
            }

            _holds = holds; // what is not held any more, or does not exist any more, is forgotten
            CheckInvariantsLocked(now);
        }

        return held;
    }

    /// <summary>Returns for how long an object has been held; null if it was not seen with these holders before.</summary>
    public TimeSpan? HeldFor(PrimitiveActivity primitive)
    {
        lock (_gate)
        {
            return primitive.Hold is { } hold && _holds.TryGetValue(primitive.Id, out var known) && known.Hold.Equals(hold)
                ? Stopwatch.GetElapsedTime(_began) - known.Since
                : null;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(TimeSpan now) =>
        Debug.Assert(_holds.Values.All(hold => hold.Since <= now), "what is held was seen for the first time before now");
}
