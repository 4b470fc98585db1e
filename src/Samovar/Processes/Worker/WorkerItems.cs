using Samovar.Executors.Mapping;
using Samovar.Ipc.Channel;

namespace Samovar.Processes.Worker;

/// <summary>Keeps what the items of a batch bring in the channel's journal, and sends it on where that has no more room.</summary>
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
