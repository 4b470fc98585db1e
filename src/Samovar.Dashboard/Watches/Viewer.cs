using System.Threading.Channels;

namespace Samovar.Dashboard.Watches;

/// <summary>A browser that views the dashboard: the events that it has not received yet. A viewer that reads slowly gets fewer pictures: of too many, the
/// oldest are dropped. Thread-safe.</summary>
internal sealed class Viewer
{
    /// <summary>How many events wait for a viewer at most: two seconds of pictures at the usual rate.</summary>
    public const int MostWaiting = 8;

    private readonly Channel<ServerEvent> _events;
    private bool _hasMissed;

    public Viewer() => _events = Channel.CreateBounded<ServerEvent>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
        dropped =>
        {
            if (!dropped.IsPicture) Volatile.Write(ref _hasMissed, true); // SYNC: viewer missed an event
        });

    public ChannelReader<ServerEvent> Events => _events.Reader;

    /// <summary>Adds an event; never waits.</summary>
    public void Add(ServerEvent next) => _events.Writer.TryWrite(next);

    /// <summary>Returns whether an event was dropped that is not a picture, since the last call.</summary>
    public bool TakeMissed()
    {
        bool missed = Volatile.Read(ref _hasMissed); // SYNC: viewer missed an event
        if (missed) Volatile.Write(ref _hasMissed, false);
        return missed;
    }

    /// <summary>Ends the events, after those that wait.</summary>
    public void Complete() => _events.Writer.TryComplete();
}
