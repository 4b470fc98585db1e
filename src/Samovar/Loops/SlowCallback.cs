namespace Samovar;

/// <summary>Describes a callback that occupied its loop for too long, as reported by <see cref="EventLoop.SlowCallback"/>.</summary>
/// <param name="Loop">The loop's name.</param>
/// <param name="Duration">How long no other callback could run; the time so far if <paramref name="BlockedAt"/> is not null.</param>
/// <param name="Origin">The code that ran: the asynchronous method that was resumed, or the posted callback.</param>
/// <param name="BlockedAt">Null if the callback has returned. While it still occupies the loop: the stack of the wait that blocks the thread or, if
/// the callback computes or blocks in native code, what the operating system reports about the thread, such as a read from standard input.</param>
public sealed record SlowCallback(string Loop, TimeSpan Duration, string Origin, string? BlockedAt);
