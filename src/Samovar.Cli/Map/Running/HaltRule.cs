using System.Globalization;

namespace Samovar.Cli.Map.Running;

/// <summary>When failures stop a run: after a number of failures, or when they are a percentage of the finished items.</summary>
/// <param name="Failures">The number of failures; null if the percentage applies.</param>
/// <param name="Percent">The percentage; applies once <see cref="LeastEnded"/> items have finished.</param>
internal sealed record HaltRule(long? Failures, double? Percent)
{
    /// <summary>The number of finished items from which the percentage applies, because a few items are no sample.</summary>
    public const int LeastEnded = 20;

    /// <summary>Parses <c>first</c>, <c>12</c> or <c>5%</c>; returns null for any other text.</summary>
    public static HaltRule? TryParse(string text)
    {
        if (text is "first") return new HaltRule(1, null);
        if (text.EndsWith('%'))
        {
            return double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and <= 100
                ? new HaltRule(null, percent)
                : null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long failures) && failures > 0 ? new HaltRule(failures, null) : null;
    }

    public bool IsMet(long failed, long ended) => Failures is { } most
        ? failed >= most
        : failed > 0 && ended >= LeastEnded && failed * 100.0 >= Percent!.Value * ended;

    public override string ToString() => Failures is { } most
        ? string.Create(CultureInfo.InvariantCulture, $"{most} failed")
        : string.Create(CultureInfo.InvariantCulture, $"{Percent} % failed");
}
