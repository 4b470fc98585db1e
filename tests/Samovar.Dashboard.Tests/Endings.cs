namespace Samovar.Dashboard.Tests;

internal static class Endings
{
    /// <summary>Waits until a future has completed, whatever its outcome.</summary>
    public static async Task EndedAsync(this Future future) =>
        await future.AsTask().WaitAsync(TestTimeout.Wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
