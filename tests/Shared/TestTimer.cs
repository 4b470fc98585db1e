namespace Samovar.Tests.Testing;

/// <summary>The one place where a test lets time pass. A test that wants to wait uses <see cref="TestTimeout.UntilAsync"/>.</summary>
internal static class TestTimer
{
    /// <summary>Completes after about so many milliseconds; no thread waits meanwhile.</summary>
    public static async Task PauseAsync(int milliseconds)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = new Timer(static state => ((TaskCompletionSource)state!).TrySetResult(), passed, milliseconds, Timeout.Infinite);
        await passed.Task.ConfigureAwait(false);
    }

    /// <summary>Blocks this thread for about so many milliseconds.</summary>
    public static void Pause(int milliseconds)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(milliseconds);
    }
}
