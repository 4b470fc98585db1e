namespace Samovar.Benchmarks.SideBySide;

/// <summary>Statistics of the figures of a contestant.</summary>
internal sealed class Figures(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public int Count => _sorted.Length;

    /// <summary>Gets the median; for an even count, the mean of the two middle figures.</summary>
    public double Median => Quantile(0.5);

    public double LowerQuartile => Quantile(0.25);

    public double UpperQuartile => Quantile(0.75);

    /// <summary>Gets the interquartile range, as a fraction of the median.</summary>
    public double Spread => Median == 0 ? 0 : (UpperQuartile - LowerQuartile) / Median;

    /// <summary>Gets the number of outliers by Tukey's rule: figures more than 1.5 interquartile ranges outside the quartiles. They do not affect the
    /// median.</summary>
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
