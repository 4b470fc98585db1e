using Samovar.Executors.Mapping;
using Samovar.Ipc.Channel;

namespace Samovar.Processes.Worker;

/// <summary>Keeps the results of a batch's items in the channel's journal, and sends them when the journal has no more room.</summary>
internal sealed class WorkerItems(WorkerLoop loop, WorkerChannel channel) : ItemKeeper(channel.Journal)
{
    public override void Open() => channel.Journal.Open(loop.CurrentTicket);

    public override void Fail(Exception error) => loop.Results.Batches.KeepError(loop.CurrentTicket, error);

    public override Action<T> Elsewhere<T>()
    {
        var ticket = loop.CurrentTicket;
        return value => loop.Results.Batches.Keep(ticket, value);
    }
}
