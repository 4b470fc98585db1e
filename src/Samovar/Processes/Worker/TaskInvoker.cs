using System.Diagnostics.CodeAnalysis;
using Samovar.Diagnostics.Metering;
using Samovar.Ipc;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Worker;

/// <summary>Creates and runs the tasks of one type of result. Created by reflection once for each type of delegate.</summary>
internal abstract class TaskInvoker
{
    /// <summary>The number of values that <see cref="Variant"/> returns.</summary>
    public const int Variants = 2 * Kinds;

    private const int Kinds = (int)DelegateKind.AsynchronousWithToken + 1;

    /// <summary>Returns a number from 0 for a way to call a delegate and whether its result is used.</summary>
    /// <exception cref="ChannelCorruptedException">The kind does not exist.</exception>
    public static int Variant(DelegateKind kind, bool bringsResult) => (int)kind < Kinds
        ? ((int)kind * 2) + (bringsResult ? 1 : 0)
        : throw new ChannelCorruptedException($"A task has kind {(int)kind}, but the last kind is {Kinds - 1}.");

    /// <summary>Runs the delegate to completion, and writes its result.</summary>
    public abstract void Run(WorkerLoop loop, in TaskHeader header, TaskOptions? options, Delegate work);

    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static TaskInvoker For(Type work, DelegateKind kind, bool bringsResult)
    {
        var result = typeof(NoResult);
        if (bringsResult)
        {
            result = work.GetMethod("Invoke")!.ReturnType;
            if (kind >= DelegateKind.Asynchronous) result = result.GetGenericArguments()[0];
        }

        return CommonResults.InvokerOf(result) ?? (TaskInvoker)Activator.CreateInstance(typeof(TaskInvoker<>).MakeGenericType(result))!;
    }
}

/// <inheritdoc/>
internal sealed class TaskInvoker<T> : TaskInvoker
{
    public override void Run(WorkerLoop loop, in TaskHeader header, TaskOptions? options, Delegate work)
    {
        var task = new WorkerTask<T>(loop, header, options, work);
        loop.RunToEnd(task);
        if (task.State == FutureState.Succeeded)
        {
            loop.Results.WriteResult(header, loop.Elapsed, task.ResultUnchecked);
        }
        else
        {
            if (loop.Span is { } span) TaskSpan.Fail(span, task.Exception!);
            loop.Results.WriteError(header.Ticket, loop.Elapsed, task.Exception!);
        }
    }
}
