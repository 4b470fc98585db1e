using System.Globalization;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Whole numbers: <c>1..100</c>, <c>0..1000..50</c>, <c>10..1..-1</c>; both ends are included.</summary>
internal sealed class RangeInput(long first, long last, long step) : ItemInput
{
    /// <summary>The largest absolute value of either end; sums of two such values do not overflow.</summary>
    public const long Largest = 1_000_000_000_000_000_000;

    public override string Name => step == 1 ? $"{first}..{last}" : $"{first}..{last}..{step}";

    public override long? Count => first == last || first < last == step > 0 ? ((last - first) / step) + 1 : 0;

    /// <summary>Parses a range; returns null if the text is not a range, or the range is empty.</summary>
    public static RangeInput? TryParse(string text)
    {
        string[] parts = text.Split("..");
        if (parts.Length is < 2 or > 3 || !Whole(parts[0], out long first) || !Whole(parts[1], out long last)) return null;
        long step = first <= last ? 1 : -1;
        if (parts.Length == 3 && (!Whole(parts[2], out step) || step == 0)) return null;
        var range = new RangeInput(first, last, step);
        return range.Count > 0 ? range : null;
    }

    public override IEnumerable<InputItem> Read()
    {
        long count = Count!.Value;
        for (long i = 0; i < count; i++)
            yield return new InputItem(i + 1, (first + (i * step)).ToString(CultureInfo.InvariantCulture));
    }

    private static bool Whole(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && Math.Abs((decimal)value) <= Largest;
}
