namespace Samovar.Benchmarks.SideBySide;

/// <summary>The figures of one contestant, in the order of the rounds, and what they come to.</summary>
internal sealed class Figures(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public int Count => _sorted.Length;

    /// <summary>The middle one; between the two middle ones of an even number.</summary>
    public double Median => Quantile(0.5);

    public double LowerQuartile => Quantile(0.25);

    public double UpperQuartile => Quantile(0.75);

    /// <summary>How far the middle half is apart, as a share of the median.</summary>
    public double Spread => Median == 0 ? 0 : (UpperQuartile - LowerQuartile) / Median;

    /// <summary>Figures further from the middle half than one and a half times its width: Tukey's rule. Medians do not mind them.</summary>
    public int Outliers
    {
        get
        {
            double reach = 1.5 * (UpperQuartile - LowerQuartile);
            return Count < 5 ? 0 : _sorted.Count(value => value < LowerQuartile - reach || value > UpperQuartile + reach);
        }
    }

    private double Quantile(double share)
    {
        double place = share * (_sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, _sorted.Length - 1);
        return _sorted[below] + (place - below) * (_sorted[above] - _sorted[below]);
    }
}
