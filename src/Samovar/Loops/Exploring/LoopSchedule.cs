using System.Globalization;
using Samovar.Loops.Exploring;

namespace Samovar;

/// <summary>In which order a loop runs what is ready. The same schedule over the same program gives the same order.</summary>
/// <remarks>Either a seed, from which every choice follows, or the list of the few choices that differ from "the oldest first": that is what
/// <see cref="EventLoop.Explore"/> shrinks a seed to.</remarks>
public sealed class LoopSchedule
{
    private readonly ulong _seed;
    private readonly (int Step, int Place)[]? _switches;

    private LoopSchedule(ulong seed, (int Step, int Place)[]? switches)
    {
        _seed = seed;
        _switches = switches;
    }

    /// <summary>The order in which callbacks became ready: what a loop does without a schedule.</summary>
    public static LoopSchedule InOrder { get; } = new(0, []);

    /// <summary>The order that follows from a seed.</summary>
    public static LoopSchedule Seeded(long seed) => new((ulong)seed, null);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is not a schedule.</exception>
    public static LoopSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            if (text.StartsWith("seed ", StringComparison.Ordinal))
                return Seeded(long.Parse(text.AsSpan(5), CultureInfo.InvariantCulture));
            var switches = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(SwitchOf).ToList();
            if (switches.Exists(static made => made.Place == 0) || switches.Zip(switches.Skip(1)).Any(static pair => pair.First.Step >= pair.Second.Step))
                throw new FormatException("A place is 1 at least, and steps rise.");
            return new LoopSchedule(0, [.. switches]);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new FormatException($"'{text}' is no schedule: it is 'seed N', or pairs 'STEP:PLACE' with rising steps and places from 1 on.", error);
        }
    }

    /// <summary><c>seed N</c>, or pairs <c>STEP:PLACE</c>: at that choice, counted from 0, not the oldest ready callback was taken but the one
    /// at that place.</summary>
    public override string ToString() => _switches is null
        ? string.Create(CultureInfo.InvariantCulture, $"seed {(long)_seed}")
        : string.Join(' ', _switches.Select(static choice => string.Create(CultureInfo.InvariantCulture, $"{choice.Step}:{choice.Place}")));

    internal static LoopSchedule Of(IEnumerable<(int Step, int Place)> switches) => new(0, [.. switches]);

    private static (int Step, int Place) SwitchOf(string word) =>
        word.Split(':') is [var step, var place]
            ? (int.Parse(step, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(place, NumberStyles.None, CultureInfo.InvariantCulture))
            : throw new FormatException($"'{word}' is no pair.");

    internal ScheduleRun Begin() => _switches is null ? new ScheduleRun(_seed) : new ScheduleRun(_switches);
}
