using Samovar.Ipc.Pipes;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>Creates pipes. A pipe has two connected ends, held by two processes.</summary>
/// <remarks>
/// <para>Both ends are created here, and at least one of them is sent to another process: captured by a task, passed, returned or put into a queue.
/// An end that was sent belongs to the process that receives it, and the creator does not have to close it. Which process holds an end is known even
/// after processes were killed.</para>
/// <para>When every process that had one end has closed it or died, the other end notices: it receives what was sent before, and then the pipe has
/// ended. While an end is in transit, its sender holds it.</para>
/// <para>Items sent by one process arrive in order. The memory is freed when the last process that holds an end releases it.</para>
/// </remarks>
public static class ProcessPipe
{
    /// <summary>Creates a pipe in which both ends send and receive.</summary>
    /// <typeparam name="TSend">The items that the first end sends and the second receives.</typeparam>
    /// <typeparam name="TReceive">The items that the first end receives and the second sends.</typeparam>
    /// <param name="options">The options, which apply to each direction; null for the defaults.</param>
    /// <returns>The end for this process, and the end to send to the other process.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="SharedObjectException">The operating system refused to create the shared memory.</exception>
    /// <exception cref="PlatformNotSupportedException">Items of these types must be serialized, and the program is set up for ahead-of-time
    /// compilation or was trimmed. Numbers, structs of numbers, strings and byte arrays need no serialization.</exception>
    /// <example>
    /// <code>
    /// var (here, there) = ProcessPipe.Create&lt;string, int>();
    /// var child = ChildProcess.Start(() => there.Send(there.Receive().Length)); // this end now belongs to the child
    /// here.Send("samovar");
    /// int length = here.Receive(); // 7
    /// </code>
    /// </example>
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

    /// <summary>Creates a pipe in which one end sends and the other receives.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <inheritdoc cref="Create"/>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The sending end and the receiving end.</returns>
    /// <example>
    /// <code>
    /// var (sender, receiver) = ProcessPipe.CreateOneWay&lt;int>();
    /// var child = ChildProcess.Start(() => sender.SendMany([1, 2, 3]));
    /// List&lt;int> received = [];
    /// await foreach (int number in receiver.ReadAllAsync()) received.Add(number); // until the child has exited
    /// </code>
    /// </example>
    public static (ProcessPipeSender<T> Sender, ProcessPipeReceiver<T> Receiver) CreateOneWay<T>(ProcessPipeOptions? options = null) =>
        CreateOneWay<T>(options ?? new ProcessPipeOptions(), SharedStore.Current);

    internal static (ProcessPipeSender<T> Sender, ProcessPipeReceiver<T> Receiver) CreateOneWay<T>(ProcessPipeOptions options, SharedStore store)
    {
        var sender = new ProcessPipeSender<T>(Made(SharedReference.Create(options.FormatFor(QueueItems<T>.SupportedPipeFormat), store), PipeRole.Sender));
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
