using System.Runtime.CompilerServices;

namespace Samovar.Tests.Testing;

/// <summary>How long tests wait: one set of limits for all of them. Each protects against a hang and measures no speed, so each is
/// generous enough for a loaded machine.</summary>
internal static class TestTimeout
{
    /// <summary>The limit of a test that stays in its process, in milliseconds.</summary>
    public const int Threads = 120_000;

    /// <summary>The limit of a test that starts processes, in milliseconds.</summary>
    public const int Processes = 300_000;

    /// <summary>The limit of one wait inside a test; shorter than a test's own, so that the wait that failed is named.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    private const int LongestPause = 16;

    /// <summary>Waits for a condition that raises no event, such as another thread having blocked. It looks by a timer, after 1 ms, then
    /// 2 ms, up to 16 ms, so it takes no processor time from the work under test.</summary>
    /// <exception cref="TimeoutException">The condition does not hold within <see cref="Wait"/>; the message names it.</exception>
    public static async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        using var waiting = TestWaits.Begin(text);
        if (!await HoldsAsync(condition, Wait)) throw new TimeoutException($"The test waited {Wait.TotalSeconds} s for: {text}");
    }

    /// <summary>Whether the condition holds within the time given; looks as <see cref="UntilAsync"/> does, and once more at the end.</summary>
    public static async Task<bool> HoldsAsync(Func<bool> condition, TimeSpan within)
    {
        long began = TimeProvider.System.GetTimestamp();
        for (int pause = 1; !condition(); pause = Math.Min(2 * pause, LongestPause))
        {
            if (TimeProvider.System.GetElapsedTime(began) > within) return condition();
            await TestTimer.PauseAsync(pause);
        }

        return true;
    }
}
