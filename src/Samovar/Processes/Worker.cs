using Samovar.Processes;

namespace Samovar;

/// <summary>For programs that are one file: lets them be started again as their own workers.</summary>
public static class Worker
{
    /// <summary>Whether this process is a worker of a <c>ProcessExecutor</c> or a <c>ChildProcess</c>.</summary>
    public static bool IsWorker => WorkerRuntime.IsWorker;

    /// <summary>
    /// Call it first in <c>Main</c> of a program that is published as a single file or self-contained. In a worker it runs the
    /// worker and ends the process; in any other process it does nothing. Other programs need not call it: their workers start
    /// at Samovar's own entry point, and their <c>Main</c> never runs there.
    /// </summary>
    /// <param name="args">The program's arguments.</param>
    public static void RunIfWorker(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args is [HostFiles.WorkerArgument, ..] && WorkerInvitation.OfThisProcess() is { } invitation)
        {
            int exitCode = WorkerRuntime.Run(invitation);
            ChildWatch.AwaitAll(); // a process that ends by returning from Main would wait for them
            Environment.Exit(exitCode);
        }
    }

    /// <summary>
    /// Throws in a process that was started as a worker but runs its program instead: it would start workers for ever.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is such a process.</exception>
    internal static void ThrowIfStrayed()
    {
        if (!IsWorker && WorkerInvitation.OfThisProcess() is not null)
        {
            throw new InvalidOperationException(
                "This process was started as a Samovar worker, but its own program runs instead of the worker. A program that is published " +
                "as a single file or self-contained has to call Samovar.Worker.RunIfWorker(args) first in Main.");
        }
    }
}
