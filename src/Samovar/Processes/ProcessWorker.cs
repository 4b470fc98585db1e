using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Parent.Children;
using Samovar.Processes.Protocol;
using Samovar.Processes.Worker;

namespace Samovar;

/// <summary>Lets a program that is published as a single file or self-contained start itself again as its own worker.</summary>
public static class ProcessWorker
{
    private static int s_hasAsked;

    /// <summary>Gets whether this process is a worker of a <c>ProcessExecutor</c> or a <c>ChildProcess</c>.</summary>
    public static bool IsWorker => CurrentWorker.IsWorker;

    /// <summary>
    /// Runs the worker and exits the process if this process is a worker; otherwise, does nothing. A program that is published as a single file or
    /// self-contained must call it first in <c>Main</c>. Other programs need not call it: their workers start at the entry point of Samovar and
    /// never run <c>Main</c>.
    /// </summary>
    /// <param name="args">The arguments of the program.</param>
    /// <exception cref="ArgumentNullException"><paramref name="args"/> is null.</exception>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
    public static void RunIfWorker(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        Volatile.Write(ref s_hasAsked, 1); // SYNC: RunIfWorker called
        if (args is [HostFiles.WorkerArgument, ..] && WorkerInvitation.OfThisProcess() is { } invitation)
        {
            int exitCode = WorkerRuntime.Run(invitation);
            ChildWatch.AwaitAll(); // as the process would if it returned from Main
            Environment.Exit(exitCode);
        }
    }

    /// <summary>Throws if a worker would be this program, started again from its <c>Main</c>, and the program has not called
    /// <see cref="RunIfWorker"/>.</summary>
    /// <exception cref="WorkerStartException">The program has not called <see cref="RunIfWorker"/>.</exception>
    internal static void ThrowIfUnprepared() => ThrowIfUnprepared(HostFiles.IsRunAgain, Volatile.Read(ref s_hasAsked) != 0); // SYNC: RunIfWorker called

    internal static void ThrowIfUnprepared(bool isRunAgain, bool hasAsked)
    {
        if (!isRunAgain || hasAsked) return;
        throw new WorkerStartException(
            $"This program is published as a single file or self-contained, so a worker is the program itself, started again as: {Environment.ProcessPath} {HostFiles.WorkerArgument}. " +
            "Its Main has not called Samovar.ProcessWorker.RunIfWorker(args), so each worker would run Main again. Call it first in Main, before any code that initializes static fields with executors.");
    }

    /// <summary>
    /// Throws if this process was started as a worker but runs its program instead: it would start workers indefinitely.
    /// </summary>
    /// <exception cref="InvalidOperationException">This process was started as a worker but runs its program.</exception>
    internal static void ThrowIfNotWorkerEntryPoint()
    {
        if (!IsWorker && WorkerInvitation.OfThisProcess() is not null)
        {
            throw new InvalidOperationException(
                "This process was started as a Samovar worker, but its own program runs instead of the worker. A program that is published " +
                "as a single file or self-contained must call Samovar.ProcessWorker.RunIfWorker(args) first in Main.");
        }
    }
}
