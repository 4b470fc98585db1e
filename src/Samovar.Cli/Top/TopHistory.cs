namespace Samovar.Cli.Top;

/// <summary>The pictures of the last seconds, for rates. Not thread-safe.</summary>
internal sealed class TopHistory
{
    private const double WindowMilliseconds = 3_000;

    private readonly Queue<WatchedPicture> _pictures = new();

    /// <summary>The newest picture; null before the first.</summary>
    public WatchedPicture? Now { get; private set; }

    public void Add(WatchedPicture picture)
    {
        if (Now is { } before && picture.At < before.At) _pictures.Clear(); // the clock was set back
        _pictures.Enqueue(picture);
        Now = picture;
        while (_pictures.Count > 2 && _pictures.ElementAt(1).At <= picture.At - WindowMilliseconds) _pictures.Dequeue();
    }

    /// <summary>Returns how many tasks of an executor completed a second; null if it is not known yet.</summary>
    public double? RateOf(WatchedExecutor executor) => PerSecond(
        executor.Completed, static (picture, id) => picture.Executors.FirstOrDefault(one => one.Id == id)?.Completed, executor.Id);

    /// <summary>Returns how many bytes were allocated a second; null if it is not known yet.</summary>
    public double? AllocationRate() => Now is { } now ? PerSecond(now.Process.Allocated, static (picture, _) => picture.Process.Allocated, 0) : null;

    private double? PerSecond(double value, Func<WatchedPicture, long, double?> read, long of)
    {
        if (Now is not { } now || !_pictures.TryPeek(out var first)) return null;
        double milliseconds = now.At - first.At;
        return milliseconds > 0 && read(first, of) is { } before ? Math.Max(0, value - before) / milliseconds * 1000 : null;
    }
}
