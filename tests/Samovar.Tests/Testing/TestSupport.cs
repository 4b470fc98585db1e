using System.Runtime.CompilerServices;

namespace Samovar.Tests.Testing;

/// <summary>What tests of executors share.</summary>
internal static class TestSupport
{
    // Tests block pool threads on purpose; the pool must not wait half a second before it adds each. A worker process that loads this
    // assembly keeps its pool as it is.
    [ModuleInitializer]
    internal static void GiveThePoolThreads()
    {
        if (TestProcess.IsThis) ThreadPool.SetMinThreads(64, 64);
    }

    /// <summary>Waits for the end of a future, in whatever way it ends.</summary>
    public static async Task EndAsync(this Future future) =>
        _ = (await Futures.WaitAsync([future], timeout: TestTimeout.Wait)).Done.ShouldHaveSingleItem();

    /// <summary>Runs <paramref name="work"/> on a thread of its own, where it may block.</summary>
    public static Task OnOwnThread(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Kills the executor at the end of a test in which a broken promise would leave work that never ends: the test is
    /// to fail, not to hang.</summary>
    public static KilledAtEnd KillAtEnd(Executor executor) => new(executor);

    public sealed class KilledAtEnd(Executor executor) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).WaitAsync(TestTimeout.Wait);
    }
}
