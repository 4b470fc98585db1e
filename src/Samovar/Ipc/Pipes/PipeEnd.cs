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

/// <summary>Code that both kinds of ends share.</summary>
internal static class PipeEnd
{
    /// <exception cref="ChannelCorruptedException">The reference is to the other end, or to no end of a pipe.</exception>
    public static PipeHold HoldOf(SharedReference reference, PipeRole role)
    {
        if (reference.Attached is PipeHold hold && hold.Role == role) return hold;
        reference.Dispose();
        throw new ChannelCorruptedException($"A shipped {role} of a pipe refers to something else.");
    }

    /// <summary>Opens an end that has arrived. An end that arrived with a task is released when the task completes.</summary>
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
            return "closed"; // shown in the debugger
        }
    }
}

/// <summary>Shows the counts in the debugger, but no items: reading one would take it from its receiver.</summary>
internal sealed class ProcessPipeDebugView(IPipeEnd end)
{
    public ProcessQueueStatistics Statistics => end.GetStatistics();
}
