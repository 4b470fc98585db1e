namespace Samovar;

/// <summary>How a worker spent the time of a map. Immutable. The times are those within the map: a worker that was ready before it has no
/// <see cref="Start"/>.</summary>
public sealed record MapWorkerInsights
{
    /// <summary>Gets the worker's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how many items the worker completed.</summary>
    public required long Items { get; init; }

    /// <summary>Gets the time from its launch until it ran its first code. Zero for workers of a cluster, and on an event loop.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>Gets the time in the executor's initializer, and of what precedes its first task.</summary>
    public required TimeSpan Init { get; init; }

    /// <summary>Gets the time in which it ran no item of the map: it waited for one, or ran another task.</summary>
    public required TimeSpan Waiting { get; init; }

    /// <summary>Gets the time in which it ran at least one item of the map, including attempts that failed.</summary>
    public required TimeSpan Working { get; init; }

    /// <summary>Gets the time from the request to exit until it had exited.</summary>
    public required TimeSpan Exit { get; init; }

    /// <summary>Gets the sum of all times.</summary>
    public TimeSpan Total => Start + Init + Waiting + Working + Exit;

    internal MapWorkerInsights Plus(MapWorkerInsights other) => this with
    {
        Items = Items + other.Items,
        Start = Start + other.Start,
        Init = Init + other.Init,
        Waiting = Waiting + other.Waiting,
        Working = Working + other.Working,
        Exit = Exit + other.Exit,
    };
}
