using System.Net.Sockets;

namespace Samovar.RabbitMQ.Connections;

/// <summary>The pauses between attempts to connect: from 50 ms, each twice as long as the one before, up to 5 s; up to 1 s while nothing listens at the
/// address, because an attempt that is refused costs almost nothing, and work waits for the broker to start. Random, so that many members do not come at
/// once. Not thread-safe.</summary>
internal sealed class ReconnectPause
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestRefused = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    private TimeSpan _next = Shortest;

    /// <summary>Returns the pause before the next attempt: between the half and the whole of it.</summary>
    public TimeSpan Next()
    {
        var pause = _next;
        _next = Least(pause * 2, Longest);
        return pause * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    /// <summary>Learns why an attempt failed.</summary>
    public void NoteFailure(Exception error)
    {
        if (ConnectErrors.Causes(error).OfType<SocketException>().Any(static cause => cause.SocketErrorCode == SocketError.ConnectionRefused)) _next = Least(_next, LongestRefused);
    }

    /// <summary>Begins with the shortest pause again.</summary>
    public void Reset() => _next = Shortest;

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
