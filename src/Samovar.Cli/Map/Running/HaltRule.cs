using System.Globalization;

namespace Samovar.Cli.Map.Running;

/// <summary>When failures stop a run: after so many, or once they are so large a part of what has ended.</summary>
/// <param name="Failures">How many; null where the part counts.</param>
/// <param name="Percent">The part; looked at once <see cref="LeastEnded"/> items have ended.</param>
internal sealed record HaltRule(long? Failures, double? Percent)
{
    /// <summary>One failure among the first two is no half of all.</summary>
    public const int LeastEnded = 20;

    /// <summary>Null where the text is none of <c>first</c>, <c>12</c>, <c>5%</c>.</summary>
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
