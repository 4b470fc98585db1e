using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>The executor's ends of the live values in one task's work.</summary>
internal sealed class TaskPorts(ExecutorCore pool, ControlSender control) : LivePorts
{
    private SerializedTask? _task;

    /// <summary>The work that the ports belong to, once it is whole.</summary>
    public SerializedTask? Task
    {
        get => Volatile.Read(ref _task);
        set => Volatile.Write(ref _task, value);
    }

    /// <summary>Hands on a message of the worker's: in order, on the thread pool.</summary>
    /// <returns>False where there is no such port.</returns>
    public bool Receive(SerializedTask task, long id, Func<object?> read)
    {
        if (DeliveryOf(id, read) is not { } delivery) return false;
        (task.Callbacks ??= new()).Add(delivery);
        return true;
    }

    protected override long NextId() => control.NextPort();

    protected override PackedRecord Pack(long id, object? message) => control.Pack(id, message);

    protected override void SendRest()
    {
        if (Task is { } task) control.SendLive(task);
    }

    protected override void Report(Exception error) =>
        pool.Report(FailureSource.ProgressHandler, Task?.Future.Id ?? 0, Task?.Future.Name, error);
}
