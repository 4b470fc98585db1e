using System.Globalization;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Reports;

/// <summary>A curve as a table: a line for each place and a column for each series, with the memory next to the figure if it was measured.</summary>
internal sealed class CurveTable
{
    private readonly IReadOnlyList<CurvePoint> _points;

    private CurveTable(IReadOnlyList<CurvePoint> points)
    {
        _points = points;
        Series = [.. points.Select(static point => point.Series).Distinct(StringComparer.Ordinal)];
        Lines = [.. points.GroupBy(static point => point.X).OrderBy(static place => place.Key).Select(Line)];
    }

    public string Id => _points[0].Curve;

    public string Title => $"{_points[0].Work}: {_points[0].Unit} by {_points[0].Across}";

    public string Across => _points[0].Across;

    public IReadOnlyList<string> Series { get; }

    /// <summary>Gets the lines: the place, then the figure of each series.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Lines { get; }

    /// <summary>Creates a table for each curve, in the order of the points.</summary>
    public static IReadOnlyList<CurveTable> Of(IReadOnlyList<CurvePoint> points) =>
        [.. points.GroupBy(static point => point.Curve).Select(static curve => new CurveTable([.. curve]))];

    public IEnumerable<CurvePoint> PointsOf(string series) => _points.Where(point => point.Series == series).OrderBy(static point => point.X);

    /// <summary>Returns the place from which a series stays ahead of another, interpolated between places; null if there is no such place.</summary>
    /// <param name="series">The series that should have the higher rates.</param>
    /// <param name="other">The other series.</param>
    public double? BreakEven(string series, string other)
    {
        var both = PointsOf(series).Join(PointsOf(other), static a => a.X, static b => b.X, static (a, b) => (a.X, Lead: Math.Log(a.Y / b.Y))).ToArray();
        int first = Array.FindLastIndex(both, static place => place.Lead <= 0) + 1;
        if (first == both.Length) return null;
        if (first == 0) return both[0].X;
        var (below, above) = (both[first - 1], both[first]);
        double share = below.Lead / (below.Lead - above.Lead);
        return Math.Exp(Math.Log(below.X) + share * (Math.Log(above.X) - Math.Log(below.X)));
    }

    private IReadOnlyList<string> Line(IGrouping<double, CurvePoint> place) =>
        [place.Key.ToString("#,0", CultureInfo.InvariantCulture), .. Series.Select(series => Cell(place.FirstOrDefault(point => point.Series == series)))];

    private static string Cell(CurvePoint? point) => point is null ? "–"
        : Amount.Show(point.Y, point.Unit) + (point.Bytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $", {bytes / point.X:#,0} B each") : "");
}
