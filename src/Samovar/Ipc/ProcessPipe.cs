using Samovar.Ipc.Pipes;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>Makes pipes: two connected ends, which two processes have.</summary>
/// <remarks>
/// <para>Both ends are made here, and at least one is sent on: captured by work, passed, returned, put into a queue. An end that was sent on belongs to
/// the process that gets it. The process that made it need not close it, and who has used it last is known even if it is killed.</para>
/// <para>When each process that had an end has closed it or died, the other end is told: what was sent before is received, and then the pipe has
/// ended. An end that is on its way is had by its sender until it arrives.</para>
/// <para>Order holds for what one process has sent. The memory goes with the last process that has an end.</para>
/// </remarks>
public static class ProcessPipe
{
    /// <summary>Makes a pipe in which both ends send and receive.</summary>
    /// <typeparam name="TSend">What the first end sends, and the second receives.</typeparam>
    /// <typeparam name="TReceive">What the first end receives, and the second sends.</typeparam>
    /// <param name="options">How; null for the defaults. They hold for each direction.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="SharedObjectException">There is not enough memory.</exception>
    public static (ProcessPipeEnd<TSend, TReceive> Here, ProcessPipeEnd<TReceive, TSend> There) Create<TSend, TReceive>(ProcessPipeOptions? options = null)
    {
        var (sendHere, receiveThere) = CreateOneWay<TSend>(options);
        try
        {
            var (sendThere, receiveHere) = CreateOneWay<TReceive>(options);
            return (new ProcessPipeEnd<TSend, TReceive>(sendHere, receiveHere), new ProcessPipeEnd<TReceive, TSend>(sendThere, receiveThere));
        }
        catch
        {
            sendHere.Dispose();
            receiveThere.Dispose();
            throw;
        }
    }

    /// <summary>Makes a pipe in which one end sends and the other receives.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <inheritdoc cref="Create"/>
    /// <param name="options">How; null for the defaults.</param>
    public static (ProcessPipeSender<T> Sender, ProcessPipeReceiver<T> Receiver) CreateOneWay<T>(ProcessPipeOptions? options = null) =>
        CreateOneWay<T>(options ?? new ProcessPipeOptions(), SharedStore.Current);

    internal static (ProcessPipeSender<T> Sender, ProcessPipeReceiver<T> Receiver) CreateOneWay<T>(ProcessPipeOptions options, SharedStore store)
    {
        var sender = new ProcessPipeSender<T>(Made(SharedReference.Create(options.FormatFor(QueueItems<T>.PipeFormat), store), PipeRole.Sender));
        try
        {
            return (sender, new ProcessPipeReceiver<T>(Made(sender.Reference.Share(), PipeRole.Receiver)));
        }
        catch
        {
            sender.Dispose();
            throw;
        }
    }

    private static SharedReference Made(SharedReference reference, PipeRole role)
    {
        try
        {
            reference.Attach(PipeHold.Make(reference.Region, role));
            return reference;
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }
}
