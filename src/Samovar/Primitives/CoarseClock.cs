namespace Samovar.Primitives;

/// <summary>The system's coarse monotonic clock: a fifth of the time to read, because it asks no hardware, and it advances in ticks of 4 ms (most Linux
/// systems) to 16 ms (Windows). It shows that time has passed, not how much.</summary>
internal static class CoarseClock
{
#pragma warning disable RS0030 // Elsewhere a coarse clock is a mistake.
    public static long Tick => Environment.TickCount64;
#pragma warning restore RS0030
}
