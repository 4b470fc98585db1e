using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Primitives;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <summary>Takes the results of exit hooks from workers, limits their time, and lists the workers that exited without a result. Used under the
/// turn.</summary>
internal static class ExitHooks
{
    /// <summary>Reads the result of a worker's exit hook.</summary>
    public static void Read(ProcessPool pool, WorkerHandle worker, in ResultMessage message)
    {
        if (worker.State != WorkerPhase.Ending || worker.HasExitResult || pool.ExitResults is not { } results)
            throw new ChannelCorruptedException($"Worker '{worker.Identity.Name}' sent the result of an exit hook, which it was not to run.");
        worker.HasExitResult = true;
        worker.EndingSince = Stopwatch.GetTimestamp(); // disposals have their own time
        var body = ResultReader.Copy(worker.Reader, message);
        object? value = null;
        Exception? error = null;
        try
        {
            if (message.IsError) error = body.Read<Exception>();
            else value = body.Read<object?>();
        }
        catch (Exception unreadable)
        {
            error = unreadable; // only this result cannot be read
        }

        results.Keep(worker.Identity, value, error);
        if (error is not null) Report(pool, error);
    }

    /// <summary>Whether a worker that is to exit may still run its exit hook. If the hook exceeds its limit, the reason for the kill is recorded.</summary>
    public static bool MayRun(ProcessPool pool, WorkerHandle worker)
    {
        if (pool.ExitResults is not { } results || !worker.WasReady || worker.HasExitResult || worker.KillReason is not null) return false;
        if (results.Limit == Timeout.InfiniteTimeSpan || Stopwatch.GetElapsedTime(worker.EndingSince) < results.Limit) return true;
        worker.TryRequestKill($"its exit hook had not returned after {TimeoutArguments.Text(results.Limit)}; the limit is {nameof(ProcessExecutorOptions.ExitTimeout)}");
        return false;
    }

    /// <summary>Lists a worker that has exited without a result.</summary>
    public static void NoteExit(ProcessPool pool, WorkerHandle worker)
    {
        if (pool.ExitResults is not { } results || !worker.WasReady || worker.HasExitResult) return;
        worker.HasExitResult = true;
        var cause = WorkerCrashedException.Create(worker.Identity.Name, worker.Process, worker.Process.Exit ?? ProcessExit.Unknown, worker.KillReason);
        var lost = results.AddLost(worker.Identity, $"its process exited before its exit hook had returned. {cause.Message}", cause);
        if (worker.State == WorkerPhase.Ending && !pool.IsKilling) Report(pool, lost); // otherwise, a task fails with the error
    }

    /// <summary>Reports an error on the thread pool: handlers may block.</summary>
    private static void Report(ProcessPool pool, Exception error) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => pool.Report(FailureSource.WorkerExit, 0, null, error), null);
}
