using System.Globalization;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;

namespace Samovar.Loops.Exploring;

/// <summary>One loop's run through a schedule; it records the choices that were not the oldest callback.</summary>
internal sealed class ScheduleRun : ReadyOrder
{
    /// <summary>How often a seed deviates from the default order. Bugs that need a single reordering are found by seeds that rarely deviate, bugs
    /// that need many by seeds that always do; the seed itself selects the rate.</summary>
    private static readonly double[] s_eagerness = [1, 0.5, 0.2, 0.05];

    private readonly Dictionary<int, int>? _switches;
    private readonly double _eagerness;
    private ulong _state;
    private int _step;

    public ScheduleRun(ulong seed)
    {
        _state = seed;
        _eagerness = s_eagerness[Next() % (ulong)s_eagerness.Length];
    }

    public ScheduleRun((int Step, int Place)[] switches) => _switches = switches.ToDictionary(static choice => choice.Step, static choice => choice.Place);

    /// <summary>The choices that were not the oldest callback.</summary>
    public List<(int Step, int Place)> Switches { get; } = [];

    /// <summary>Whether to describe each of these choices as text.</summary>
    public bool Explains { get; set; }

    /// <summary>The descriptions of these choices.</summary>
    public List<string> Explanations { get; } = [];

    public override void Taken(ReadyItem taken, ReadyItem oldest)
    {
        if (!Explains) return;
        Explanations.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{Switches[^1].Step}:{Switches[^1].Place}  {CallbackOrigin.Describe(taken)} runs before {CallbackOrigin.Describe(oldest)}"));
    }

    public override int Pick(int count)
    {
        int step = _step++;
        int place = 0;
        if (_switches is not null) place = _switches.TryGetValue(step, out int chosen) ? Math.Min(chosen, count - 1) : 0;
        else if (_eagerness >= 1 || (Next() >> 11) * (1.0 / (1UL << 53)) < _eagerness) place = (int)(Next() % (ulong)count);
        if (place != 0) Switches.Add((step, place));
        return place;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood, <em>Fast Splittable Pseudorandom Number Generators</em>, 2014): a seed must produce the same order in
    /// every version of .NET, which <see cref="Random"/> does not guarantee.</summary>
    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
