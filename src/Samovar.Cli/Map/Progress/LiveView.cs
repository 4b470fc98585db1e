using System.Diagnostics;
using System.Globalization;

namespace Samovar.Cli.Map.Progress;

/// <summary>Live display on a terminal: progress bar, rate, time left, failures, and each worker's item once it has run for a while.</summary>
/// <remarks>While it is shown, output to stderr of items that run in the tool's own process appears above it, line by line.</remarks>
internal sealed class LiveView : ProgressView
{
    private const int MostWorkers = 16;
    private const int BarWidth = 30;
    private const int Red = 31;
    private const int Green = 32;
    private const int Grey = 90;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(125);

    private readonly RunProgress _run;
    private readonly LiveDisplay _display;
    private readonly ErrorLines _lines;

    public LiveView(RunProgress run)
    {
        _run = run;
        _display = new LiveDisplay(Console.Error, Terminal.Size, hasColours: !Terminal.IsPlain, Terminal.Reflows);
        _lines = new ErrorLines(_display.Say);
    }

    public override void Say(string line) => _display.Say(line);

    public override void SayBytes(ReadOnlySpan<byte> bytes) => ErrorBytes.SayLines(bytes, Say);

    protected override async Task ShowAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(s_pause);
        using (_lines)
        {
            do _display.Draw(Lines());
            while (await NextAsync(timer, end));
        }

        _display.Draw(Lines(isLast: true));
        _display.End();
    }

    private List<Piece[]> Lines(bool isLast = false)
    {
        ProgressSnapshot now = _run.Counters.Snapshot();
        List<Piece[]> lines = [[.. Head(now, isLast)]];
        if (!isLast) lines.AddRange(now.Running.Take(MostWorkers).Select(item => (Piece[])[new Piece(Line(item))]));
        return lines;
    }

    private IEnumerable<Piece> Head(ProgressSnapshot now, bool isLast)
    {
        if (_run.Done(now) is { } done)
        {
            int full = (int)(done * BarWidth);
            yield return new Piece(new string('━', full), Green);
            yield return new Piece(new string('━', BarWidth - full), Grey);
            yield return new Piece(string.Create(CultureInfo.InvariantCulture, $" {done * 100,3:0} %  "));
        }

        string total = _run.Total is { } all ? string.Create(CultureInfo.InvariantCulture, $"/{all:N0}") : "";
        string left = !isLast && _run.Left(now) is { } rest ? $"  {Summary.Span(rest)} left" : "";
        yield return new Piece(string.Create(CultureInfo.InvariantCulture, $"{now.Ended + now.Already:N0}{total}  {Summary.Rate(now.Rate)}{left}"));
        if (now.Failed > 0) yield return new Piece(string.Create(CultureInfo.InvariantCulture, $"  {now.Failed:N0} failed"), Red);
    }

    private static string Line(RunningItem item) => string.Create(CultureInfo.InvariantCulture,
        $"  {item.Worker,8}  {Summary.Span(Stopwatch.GetElapsedTime(item.Started)),8}  item {item.Number}  {item.Input}{(item.Message is null ? "" : $"  {item.Message}")}");
}
