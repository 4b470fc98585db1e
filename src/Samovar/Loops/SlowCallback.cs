namespace Samovar;

/// <summary>A callback that held up its loop, as <see cref="EventLoop.SlowCallback"/> reports it.</summary>
/// <param name="Loop">The loop's name.</param>
/// <param name="Duration">How long nothing else could run; so far, where <paramref name="BlockedAt"/> is there.</param>
/// <param name="Origin">Whose code it was: the asynchronous method that went on, or what was posted.</param>
/// <param name="BlockedAt">Null for a callback that took long and has ended. While it still holds up the loop: the stack of the wait that blocks the thread; or, where
/// it computes or blocks in native code, what the operating system says that the thread does, such as a read from standard input.</param>
public sealed record SlowCallback(string Loop, TimeSpan Duration, string Origin, string? BlockedAt);
