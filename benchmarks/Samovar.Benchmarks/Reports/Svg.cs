using System.Globalization;
using System.Net;
using System.Text;

namespace Samovar.Benchmarks.Reports;

/// <summary>Builds a simple SVG image of bars and lines, for light and dark pages.</summary>
internal sealed class Svg(double width, double height)
{
    private readonly StringBuilder _body = new();

    /// <summary>Gets the colour-blind-safe palette of Okabe and Ito, for light and dark backgrounds.</summary>
    public static IReadOnlyList<string> Colours { get; } = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    public void Text(double x, double y, string text, string anchor = "start", bool isBold = false) =>
        Add($"""<text x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}"{(isBold ? " font-weight=\"bold\"" : "")}>{WebUtility.HtmlEncode(text)}</text>""");

    public void Line(double x1, double y1, double x2, double y2) =>
        Add($"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="#8884"/>""");

    public void Bar(double x, double y, double wide, double high, string colour) =>
        Add($"""<rect x="{x:0.#}" y="{y:0.#}" width="{Math.Max(1, wide):0.#}" height="{high:0.#}" rx="2" fill="{colour}"/>""");

    public void Path(IReadOnlyList<(double X, double Y)> points, string colour)
    {
        string all = string.Join(' ', points.Select(static point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.#},{point.Y:0.#}")));
        Add($"""<polyline points="{all}" fill="none" stroke="{colour}" stroke-width="2"/>""");
        foreach (var (x, y) in points) Add($"""<circle cx="{x:0.#}" cy="{y:0.#}" r="3" fill="{colour}"/>""");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"""
         <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:0} {height:0}" width="{width:0}" height="{height:0}" font-family="system-ui, sans-serif" font-size="12" fill="#888">
         {_body}</svg>

         """);

    private void Add(FormattableString element) => _body.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
