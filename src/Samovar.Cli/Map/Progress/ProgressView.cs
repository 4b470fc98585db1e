using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Map.Progress;

/// <summary>Shows the progress of a run on stderr. Messages go through it, so that they do not break up a live display.</summary>
internal abstract class ProgressView : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Task _showing = Task.CompletedTask;

    /// <summary>Starts showing progress.</summary>
    public static ProgressView Start(ProgressKind kind, RunProgress run)
    {
        ProgressView view = kind switch
        {
            ProgressKind.Live when Terminal.HasCursorOnError => new LiveView(run),
            ProgressKind.Live or ProgressKind.Plain => new LineView(run, Plain),
            ProgressKind.Json => new JsonView(run),
            _ => new NoView(),
        };
        view._showing = Task.Run(() => view.ShowAsync(view._end.Token));
        return view;
    }

    /// <summary>Formats a message as a JSON object, for output in which every line is JSON.</summary>
    public static string Message(string line) => JsonSerializer.Serialize(new { message = line }, Methods.ValueJson.Writing);

    /// <summary>Writes a line to stderr.</summary>
    public virtual void Say(string line) => Console.Error.WriteLine(line);

    /// <summary>Writes bytes of a command to stderr, unchanged. A display, or output in which each line is JSON, takes them as lines of text.</summary>
    public virtual void SayBytes(ReadOnlySpan<byte> bytes) => ErrorBytes.Write(bytes);

    /// <summary>Stops showing progress; the last display stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _showing;
        _end.Dispose();
    }

    protected abstract Task ShowAsync(CancellationToken end);

    /// <summary>Waits for the next update; returns false at the end.</summary>
    protected static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken end)
    {
        try
        {
            return await timer.WaitForNextTickAsync(end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return false;
        }
    }

    private static string Plain(RunProgress run, ProgressSnapshot now)
    {
        string total = run.Total is { } all ? string.Create(CultureInfo.InvariantCulture, $" of {all:N0}") : "";
        string done = run.Done(now) is { } fraction ? string.Create(CultureInfo.InvariantCulture, $" ({fraction * 100:0} %)") : "";
        string left = run.Left(now) is { } rest ? $", {Summary.Span(rest)} left" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"samovar: {now.Ended + now.Already:N0}{total}{done}, {now.Failed:N0} failed, {Summary.Rate(now.Rate)}{left}");
    }

    private static string Json(RunProgress run, ProgressSnapshot now) => JsonSerializer.Serialize(new
    {
        ended = now.Ended,
        already = now.Already,
        total = run.Total,
        fraction = run.Done(now),
        succeeded = now.Succeeded,
        failed = now.Failed,
        skipped = now.Skipped,
        seconds = Math.Round(now.Wall.TotalSeconds, 3),
        rate = Math.Round(now.Rate, 1),
        left = run.Left(now)?.TotalSeconds,
    });

    private sealed class NoView : ProgressView
    {
        protected override Task ShowAsync(CancellationToken end) => Task.CompletedTask;
    }

    private class LineView(RunProgress run, Func<RunProgress, ProgressSnapshot, string> line) : ProgressView
    {
        protected TextWriter Error { get; } = Console.Error;

        protected override async Task ShowAsync(CancellationToken end)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (await NextAsync(timer, end)) await Error.WriteLineAsync(line(run, run.Counters.Snapshot()));
            await Error.WriteLineAsync(line(run, run.Counters.Snapshot()));
        }
    }

    /// <summary>Writes every line as a JSON object, including the output of items that run in the tool's own process.</summary>
    private sealed class JsonView : LineView
    {
        private readonly ErrorLines _lines;

        public JsonView(RunProgress run)
            : base(run, Json) => _lines = new ErrorLines(Say);

        public override void Say(string line) => Error.WriteLine(Message(line));

        public override void SayBytes(ReadOnlySpan<byte> bytes) => ErrorBytes.SayLines(bytes, Say);

        protected override async Task ShowAsync(CancellationToken end)
        {
            using (_lines) await base.ShowAsync(end);
        }
    }
}
