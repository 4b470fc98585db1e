using System.Diagnostics;

namespace Samovar.Processes;

/// <summary>Makes and runs the tasks of one type of result. Found by reflection once for each type of delegate.</summary>
internal abstract class TaskMaker
{
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

        return (TaskMaker)Activator.CreateInstance(typeof(TaskMaker<>).MakeGenericType(result))!;
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
