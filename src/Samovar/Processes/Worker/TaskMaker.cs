using System.Diagnostics;
using Samovar.Executors.Mapping;
using Samovar.Ipc;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Worker;

/// <summary>Makes and runs the tasks of one type of result. Found by reflection once for each type of delegate.</summary>
internal abstract class TaskMaker
{
    /// <summary>How many values <see cref="Variant"/> has.</summary>
    public const int Variants = 2 * Shapes;

    private const int Shapes = (int)WorkShape.AsynchronousWithToken + 1;

    /// <summary>A number from 0 for how a delegate is called and whether its result is wanted.</summary>
    /// <exception cref="ChannelCorruptedException">There is no such shape.</exception>
    public static int Variant(WorkShape shape, bool bringsResult) => (int)shape < Shapes
        ? ((int)shape * 2) + (bringsResult ? 1 : 0)
        : throw new ChannelCorruptedException($"A task has shape {(int)shape}; the last is {Shapes - 1}.");

    /// <summary>Runs the delegate to its end, and answers.</summary>
    public abstract void Run(WorkerLoop loop, in TaskHeader header, TaskOptions? options, Delegate work);

    public static TaskMaker For(Type work, WorkShape shape, bool bringsResult)
    {
        var result = typeof(NoResult);
        if (bringsResult)
        {
            result = work.GetMethod("Invoke")!.ReturnType;
            if (shape >= WorkShape.Asynchronous) result = result.GetGenericArguments()[0];
        }

        return CommonResults.MakerOf(result) ?? (TaskMaker)Activator.CreateInstance(typeof(TaskMaker<>).MakeGenericType(result))!;
    }
}

/// <inheritdoc/>
internal sealed class TaskMaker<T> : TaskMaker
{
    public override void Run(WorkerLoop loop, in TaskHeader header, TaskOptions? options, Delegate work)
    {
        var task = new WorkerTask<T>(loop, header, options, work);
        loop.RunToEnd(task);
        if (task.State == FutureState.Succeeded)
        {
            loop.Answers.WriteResult(header, loop.Took, task.ResultUnchecked);
        }
        else
        {
            Activity.Current?.SetStatus(ActivityStatusCode.Error, task.Exception!.Message);
            loop.Answers.WriteError(header.Ticket, loop.Took, task.Exception!);
        }
    }
}
