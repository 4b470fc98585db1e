using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc.Pipes;

/// <summary>What sending and receiving ends have in common.</summary>
internal interface IPipeEnd
{
    ProcessQueueStatistics GetStatistics();
}

/// <summary>What both kinds of ends do alike.</summary>
internal static class PipeEnd
{
    /// <exception cref="ChannelCorruptedException">It is the other end, or none.</exception>
    public static PipeHold HoldOf(SharedReference reference, PipeRole role)
    {
        if (reference.Attached is PipeHold hold && hold.Role == role) return hold;
        reference.Dispose();
        throw new ChannelCorruptedException($"What has arrived as the {role} of a pipe is none.");
    }

    /// <summary>Opens an end that has arrived; where it came with work, it is given up with that.</summary>
    public static SharedReference Open(in SharedHandle handle, SharedFormat expected, LiveConnector connector)
    {
        SharedReference reference = PipeHold.Open(handle, connector.EndsWithTask).Fitting(expected);
        if (reference.Attached is PipeHold hold) connector.WhenTaskEnds(hold.EndWithTask);
        return reference;
    }

    public static long Lend(PipeHold hold, SharedReference kept)
    {
        PipeTransit transit = hold.Lend();
        kept.Attach(transit);
        return transit.Word;
    }

    public static string DebugText(IPipeEnd end, Type items)
    {
        try
        {
            ProcessQueueStatistics statistics = end.GetStatistics();
            return $"{statistics.Waiting} of {items.Name}{(statistics.IsCompleted ? ", ended" : "")}";
        }
        catch (ObjectDisposedException)
        {
            return "closed"; // which is what there is to show
        }
    }
}

/// <summary>Shows the counts; the items belong to those who receive them.</summary>
internal sealed class ProcessPipeDebugView(IPipeEnd end)
{
    public ProcessQueueStatistics Statistics => end.GetStatistics();
}
