using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Samovar.Cli.Map.Progress;

/// <summary>A picture on the terminal: bar, rate, what is left, failures, and each worker's item once it runs for a while.</summary>
internal sealed class LiveView(RunProgress run) : ProgressView
{
    private const int MostWorkers = 16;
    private const int BarWidth = 30;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(125);

    private readonly IAnsiConsole _console = Terminal.OpenError();

    public override void Say(string line) => _console.WriteLine(line);

    protected override Task ShowAsync(CancellationToken end) =>
        _console.Live(Picture()).AutoClear(false).StartAsync(async context =>
        {
            using var timer = new PeriodicTimer(s_pause);
            while (await NextAsync(timer, end)) context.UpdateTarget(Picture());
            context.UpdateTarget(Picture(isLast: true));
        });

    private Rows Picture(bool isLast = false)
    {
        TallySnapshot now = run.Tally.Snapshot();
        List<IRenderable> lines = [new Markup(Head(now, isLast))];
        if (!isLast)
        {
            foreach (RunningItem item in now.Running.Take(MostWorkers))
                lines.Add(new Text(Line(item)) { Overflow = Overflow.Ellipsis });
        }

        return new Rows(lines);
    }

    private string Head(TallySnapshot now, bool isLast)
    {
        string bar = "";
        if (run.Done(now) is { } done)
        {
            int full = (int)(done * BarWidth);
            bar = $"[green]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/] {done * 100,3:0} %  ";
        }

        string total = run.Total is { } all ? string.Create(CultureInfo.InvariantCulture, $"/{all:N0}") : "";
        string failed = now.Failed > 0 ? string.Create(CultureInfo.InvariantCulture, $"  [red]{now.Failed:N0} failed[/]") : "";
        string left = !isLast && run.Left(now) is { } rest ? $"  {Summary.Span(rest)} left" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{bar}{now.Ended + now.Already:N0}{total}  {Summary.Rate(now.Rate)}{left}{failed}");
    }

    private static string Line(RunningItem item) => string.Create(CultureInfo.InvariantCulture,
        $"  {item.Worker,8}  {Summary.Span(Stopwatch.GetElapsedTime(item.Started)),8}  item {item.Number}  {item.Input}{(item.Message is null ? "" : $"  {item.Message}")}");
}
