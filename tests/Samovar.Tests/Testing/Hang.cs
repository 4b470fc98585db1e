using System.Runtime.CompilerServices;

namespace Samovar.Tests.Testing;

/// <summary>How long a test waits for what must come: a guard against hanging for ever, not a measure of speed.</summary>
internal static class Hang
{
    public const int Milliseconds = 15_000;

    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(Milliseconds);

    // Tests block pool threads on purpose; the pool must not wait half a second before it adds each.
    [ModuleInitializer]
    internal static void GiveThePoolThreads() => ThreadPool.SetMinThreads(64, 64);

    /// <summary>Waits for the end of a future, in whatever way it ends.</summary>
    public static async Task EndAsync(this Future future) =>
        _ = (await Futures.WaitAsync([future], timeout: Limit)).Done.ShouldHaveSingleItem();

    /// <summary>Runs <paramref name="work"/> on a thread of its own, where it may block.</summary>
    public static Task OnThreadOfItsOwn(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits for what nobody announces, such as another thread having blocked.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Limit);
            await Task.Yield();
        }
    }

    /// <summary>Kills the executor at the end of a test in which a broken promise would leave work that never ends: the test is
    /// to fail, not to hang.</summary>
    public static KilledAtEnd KillAtEnd(Executor executor) => new(executor);

    public sealed class KilledAtEnd(Executor executor) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).WaitAsync(Limit);
    }
}
