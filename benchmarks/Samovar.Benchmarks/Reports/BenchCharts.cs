using System.Globalization;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Reports;

/// <summary>Draws the charts of rows and curves. They have logarithmic scales, on which equal ratios have equal lengths.</summary>
internal static class BenchCharts
{
    private const double Left = 110, Right = 150, Top = 34, Bottom = 44;
    private const double Letter = 7; // average width of a letter in common fonts

    /// <summary>Draws a bar for each row, from 1 (equal to the best peer) to its ratio; to the right if Samovar is ahead.</summary>
    public static string Rows(IReadOnlyList<RowResult> rows)
    {
        const double line = 20, bars = 370, peers = 200;
        RowResult[] compared = [.. rows.Where(static row => row.Ratio > 0)];
        double names = 24 + Letter * compared.Select(static row => NameOf(row).Length).DefaultIfEmpty().Max(), wide = names + bars + peers;
        var svg = new Svg(wide, Top + compared.Length * line + Bottom);
        svg.Text(names, 16, "ratio to the best peer, on a logarithmic scale", isBold: true);
        if (compared.Length == 0) return svg.ToString();
        double low = Math.Min(-1, Math.Floor(compared.Min(static row => Math.Log10(row.Ratio!.Value))));
        double high = Math.Max(1, Math.Ceiling(compared.Max(static row => Math.Log10(row.Ratio!.Value))));
        double bottom = Top + compared.Length * line;
        for (double power = low; power <= high; power++)
        {
            svg.Line(At(power), Top - 6, At(power), bottom);
            svg.Text(At(power), bottom + 16, Math.Pow(10, power).ToString("#,0.##", CultureInfo.InvariantCulture), "middle");
        }

        foreach (var (index, row) in compared.Index())
        {
            double y = Top + index * line, ratio = Math.Log10(row.Ratio!.Value);
            svg.Text(names - 12, y + 13, NameOf(row), "end");
            svg.Bar(At(Math.Min(0, ratio)), y + 3, Math.Abs(At(ratio) - At(0)), line - 6, Svg.Colours[ratio >= 0 ? 0 : 1]);
            svg.Text(At(Math.Max(0, ratio)) + 6, y + 13, $"{Amount.Times(row.Ratio)} {row.BestPeerName}");
        }

        return svg.ToString();

        double At(double power) => names + (power - low) / (high - low) * bars;
        static string NameOf(RowResult row) => $"{row.Id} {row.Work}";
    }

    /// <summary>Draws a line for each series.</summary>
    /// <param name="curve">The curve.</param>
    /// <param name="value">Selects the value of a point: its figure or its memory.</param>
    /// <param name="title">The title above the chart.</param>
    /// <param name="unit">The unit of the values.</param>
    public static string Curve(CurveTable curve, Func<CurvePoint, double?> value, string title, string unit)
    {
        const double wide = 800, tall = 380;
        var svg = new Svg(wide, tall);
        svg.Text(Left, 18, title, isBold: true);
        CurvePoint[] points = [.. curve.Series.SelectMany(curve.PointsOf).Where(point => value(point) > 0)];
        if (points.Length == 0) return svg.ToString();
        var (left, right) = (Math.Log10(points.Min(static point => point.X)), Math.Log10(points.Max(static point => point.X)));
        var (low, high) = (Math.Floor(points.Min(point => Math.Log10(value(point)!.Value))), Math.Ceiling(points.Max(point => Math.Log10(value(point)!.Value)) + 0.01));
        for (double power = low; power <= high; power++)
        {
            svg.Line(Left, Y(power), wide - Right, Y(power));
            svg.Text(Left - 6, Y(power) + 4, Amount.Show(Math.Pow(10, power), unit), "end");
        }

        foreach (double place in points.Select(static point => point.X).Distinct())
        {
            svg.Line(X(place), Top, X(place), tall - Bottom);
            svg.Text(X(place), tall - Bottom + 16, Short(place), "middle");
        }

        svg.Text((Left + wide - Right) / 2, tall - 8, curve.Across, "middle");
        foreach (var (index, series) in curve.Series.Index())
        {
            string colour = Svg.Colours[index % Svg.Colours.Count];
            (double, double)[] line = [.. curve.PointsOf(series).Where(point => value(point) > 0).Select(point => (X(point.X), Y(Math.Log10(value(point)!.Value))))];
            if (line.Length == 0) continue;
            svg.Path(line, colour);
            svg.Bar(wide - Right + 10, Top + index * 20, 10, 10, colour);
            svg.Text(wide - Right + 26, Top + index * 20 + 10, series);
        }

        return svg.ToString();

        double X(double place) => right == left ? Left : Left + (Math.Log10(place) - left) / (right - left) * (wide - Left - Right);
        double Y(double power) => tall - Bottom - (power - low) / Math.Max(1, high - low) * (tall - Top - Bottom);
    }

    private static string Short(double value) => value switch
    {
        >= 1e6 => (value / 1e6).ToString("0.#", CultureInfo.InvariantCulture) + " M",
        >= 1e3 => (value / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + " k",
        _ => value.ToString("0.#", CultureInfo.InvariantCulture),
    };
}
