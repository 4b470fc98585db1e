using System.Globalization;
using Samovar.Loops.Exploring;

namespace Samovar;

/// <summary>The order in which a loop runs its ready callbacks. The same schedule on the same program produces the same order.</summary>
/// <remarks>A schedule is either a seed that determines every choice, or the list of the few choices that differ from "oldest first", to which
/// <see cref="EventLoop.Explore"/> shrinks a seed.</remarks>
public sealed class LoopSchedule
{
    private readonly ulong _seed;
    private readonly (int Step, int Place)[]? _switches;

    private LoopSchedule(ulong seed, (int Step, int Place)[]? switches)
    {
        _seed = seed;
        _switches = switches;
    }

    /// <summary>Gets the order in which callbacks became ready, which is the order of a loop without a schedule.</summary>
    public static LoopSchedule InOrder { get; } = new(0, []);

    /// <summary>Returns the order that a seed determines.</summary>
    /// <param name="seed">The seed; any value.</param>
    /// <returns>The schedule.</returns>
    public static LoopSchedule Seeded(long seed) => new((ulong)seed, null);

    /// <summary>Parses the output of <see cref="ToString"/>.</summary>
    /// <param name="text">The text to parse.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException"><paramref name="text"/> is not a schedule.</exception>
    public static LoopSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            if (text.StartsWith("seed ", StringComparison.Ordinal))
                return Seeded(long.Parse(text.AsSpan(5), CultureInfo.InvariantCulture));
            var switches = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(SwitchOf).ToList();
            if (switches.Exists(static made => made.Place == 0) || switches.Zip(switches.Skip(1)).Any(static pair => pair.First.Step >= pair.Second.Step))
                throw new FormatException("Each place must be at least 1, and the steps must increase.");
            return new LoopSchedule(0, [.. switches]);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw new FormatException($"'{text}' is not a schedule. Use 'seed N', or pairs 'STEP:PLACE' with increasing steps and places from 1.", error);
        }
    }

    /// <summary>Returns <c>seed N</c>, or pairs <c>STEP:PLACE</c>: at that choice, counted from 0, the ready callback at that place ran instead of
    /// the oldest one.</summary>
    /// <returns>The text, which <see cref="Parse"/> accepts.</returns>
    public override string ToString() => _switches is null
        ? string.Create(CultureInfo.InvariantCulture, $"seed {(long)_seed}")
        : string.Join(' ', _switches.Select(static choice => string.Create(CultureInfo.InvariantCulture, $"{choice.Step}:{choice.Place}")));

    internal static LoopSchedule Of(IEnumerable<(int Step, int Place)> switches) => new(0, [.. switches]);

    private static (int Step, int Place) SwitchOf(string word) =>
        word.Split(':') is [var step, var place]
            ? (int.Parse(step, NumberStyles.None, CultureInfo.InvariantCulture), int.Parse(place, NumberStyles.None, CultureInfo.InvariantCulture))
            : throw new FormatException($"'{word}' is not a pair STEP:PLACE.");

    internal ScheduleRun Begin() => _switches is null ? new ScheduleRun(_seed) : new ScheduleRun(_switches);
}
