using Samovar.Processes.Launch;
using Samovar.Processes.Parent.Children;
using Samovar.Processes.Protocol;
using Samovar.Processes.Worker;

namespace Samovar;

/// <summary>For programs that are one file: lets them be started again as their own workers.</summary>
public static class ProcessWorker
{
    private static int s_hasAsked;

    /// <summary>Whether this process is a worker of a <c>ProcessExecutor</c> or a <c>ChildProcess</c>.</summary>
    public static bool IsWorker => CurrentWorker.IsWorker;

    /// <summary>
    /// Call it first in <c>Main</c> of a program that is published as a single file or self-contained. In a worker it runs the
    /// worker and ends the process; in any other process it does nothing. Other programs need not call it: their workers start
    /// at Samovar's own entry point, and their <c>Main</c> never runs there.
    /// </summary>
    /// <param name="args">The program's arguments.</param>
    public static void RunIfWorker(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        Volatile.Write(ref s_hasAsked, 1); // SYNC: program has asked
        if (args is [HostFiles.WorkerArgument, ..] && WorkerInvitation.OfThisProcess() is { } invitation)
        {
            int exitCode = WorkerRuntime.Run(invitation);
            ChildWatch.AwaitAll(); // a process that ends by returning from Main would wait for them
            Environment.Exit(exitCode);
        }
    }

    /// <summary>Throws where a worker would be this program run again from its <c>Main</c>, which has not asked whether it is one.</summary>
    /// <exception cref="WorkerStartException">It is so.</exception>
    internal static void ThrowIfUnprepared() => ThrowIfUnprepared(HostFiles.IsRunAgain, Volatile.Read(ref s_hasAsked) != 0); // SYNC: program has asked

    internal static void ThrowIfUnprepared(bool isRunAgain, bool hasAsked)
    {
        if (!isRunAgain || hasAsked) return;
        throw new WorkerStartException(
            $"This program is published as a single file or self-contained, so a worker is the program itself, started again as: {Environment.ProcessPath} {HostFiles.WorkerArgument}. " +
            "Its Main has not called Samovar.ProcessWorker.RunIfWorker(args), and would run once more in each worker. Call it first in Main, also before what initializes static fields that hold executors.");
    }

    /// <summary>
    /// Throws in a process that was started as a worker but runs its program instead: it would start workers for ever.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is such a process.</exception>
    internal static void ThrowIfNotWorkerEntryPoint()
    {
        if (!IsWorker && WorkerInvitation.OfThisProcess() is not null)
        {
            throw new InvalidOperationException(
                "This process was started as a Samovar worker, but its own program runs instead of the worker. A program that is published " +
                "as a single file or self-contained has to call Samovar.ProcessWorker.RunIfWorker(args) first in Main.");
        }
    }
}
