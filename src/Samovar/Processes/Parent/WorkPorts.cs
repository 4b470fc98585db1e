using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>The executor's ends of the live values in work that many tasks share. Each worker that has the work gets every message.</summary>
internal sealed class WorkPorts(ExecutorCore pool, ControlSender control, int work) : LivePorts
{
    /// <summary>Hands on a message of a worker's that runs a task of the work: before that task ends, in order, on the thread pool.</summary>
    /// <returns>False where there is no such port.</returns>
    public bool Receive(SerializedTask task, long id, Func<object?> read)
    {
        if (DeliveryOf(id, read) is not { } delivery) return false;
        (task.Callbacks ??= new()).Add(delivery);
        return true;
    }

    protected override long NextId() => control.NextPort();

    protected override PackedRecord Pack(long id, object? message) => control.Pack(id, message);

    protected override void SendRest() => control.SendLive(work, this);

    protected override void Report(Exception error) => pool.Report(FailureSource.ProgressHandler, 0, null, error);
}
