using System.Diagnostics;
using System.Threading.Channels;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A bounded queue between any number of producing and consuming processes. It is a <see cref="Channel{T}"/> too.</summary>
/// <remarks>
/// <para>It travels as itself: captured by work, passed, returned or sent through another queue it arrives as the same queue. A process that
/// is no relative opens it by its name. Only processes of the same user can. Its memory goes with the last process that has it.</para>
/// <para>Each item arrives once. Items of one process arrive in the order in which it has put them; those of different processes in any. A
/// process that dies at whatever moment takes with it the one item that it was putting; every other item stays for those who live.</para>
/// <para>Numbers and structs of such move as bytes; everything else is shipped as what a task captures is. An item may be
/// larger than the queue, up to 2 GiB. Shared objects inside of items are held by who has put them until they were taken; where that process
/// ends before, and nobody else has the object, the item is lost, and <see cref="ProcessQueueStatistics.Lost"/> counts it.</para>
/// <para>All members are safe for any thread of any process.</para>
/// </remarks>
/// <typeparam name="T">The items.</typeparam>
[ShipWith(typeof(ProcessQueueCodec<>))]
[DebuggerDisplay("{DebugText,nq}")]
[DebuggerTypeProxy(typeof(ProcessQueueDebugView<>))]
public sealed partial class ProcessQueue<T> : Channel<T>, IDisposable
{
    private readonly QueueState _state;

    /// <summary>Makes a queue.</summary>
    /// <param name="capacity">How many items each process may have put that nobody has taken yet; 1 to 16,777,216.</param>
    /// <param name="name">Under which other processes of this user find it; null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or there is not enough memory.</exception>
    public ProcessQueue(int capacity, string? name = null)
        : this(new ProcessQueueOptions { Capacity = capacity, Name = name })
    {
    }

    /// <summary>Makes a queue.</summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="SharedObjectException">The name is taken, or there is not enough memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ProcessQueue(ProcessQueueOptions? options = null)
        : this(options ?? new ProcessQueueOptions(), SharedStore.Current)
    {
    }

    internal ProcessQueue(ProcessQueueOptions options, SharedStore store)
        : this(SharedReference.Create(options.FormatFor(QueueItems<T>.Format), store))
    {
    }

    internal ProcessQueue(SharedReference reference)
    {
        Reference = reference;
        try
        {
            _state = reference.Region.State(static region => new QueueState(region));
        }
        catch
        {
            reference.Dispose();
            throw;
        }

        Writer = new ProcessQueueWriter<T>(this, _state);
        Reader = new ProcessQueueReader<T>(this);
    }

    /// <summary>How many items each process may have put that nobody has taken yet.</summary>
    public int Capacity => _state.Layout.Capacity;

    /// <summary>Under which other processes find it; null for none.</summary>
    public string? Name => Reference.Region.Format.Name;

    /// <summary>How many items wait to be taken, of all processes, about.</summary>
    public long Count
    {
        get
        {
            QueueState state = State;
            long count = 0;
            for (int i = 0, used = state.RingsUsed; i < used; i++) count += state.Ring(i).Waiting;
            GC.KeepAlive(this);
            return count;
        }
    }

    /// <summary>Whether it takes no more items. What is in it can still be taken.</summary>
    public bool IsCompleted => State.IsCompleted;

    internal SharedReference Reference { get; }

    /// <summary>Processes that have it.</summary>
    internal int RegisteredProcesses => Enumerable.Range(0, _state.Registration.Table.Capacity).Count(i => _state.Registration.Table[i] is not null);

    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    internal QueueState State
    {
        get
        {
            ObjectDisposedException.ThrowIf(Reference.IsDisposed, this);
            return _state;
        }
    }

    private string DebugText => Reference.IsDisposed ? "disposed" : $"{Count} of {typeof(T).Name}{(IsCompleted ? ", completed" : "")} {Name}";

    /// <summary>Opens the queue that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no queue of such items.</exception>
    public static ProcessQueue<T> Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessQueue<T> Open(string name, SharedStore store) => new(SharedReference.OpenNamed(QueueItems<T>.Format, name, store));

    /// <summary>Takes no more items. Takers get what is in it, and then find its end.</summary>
    /// <param name="error">Why; takers get it as the inner exception of a <see cref="ChannelClosedException"/>. Null where all went well.</param>
    /// <exception cref="ChannelClosedException">It was completed before.</exception>
    public void Complete(Exception? error = null)
    {
        if (!TryComplete(error)) throw new ChannelClosedException("The queue was completed before.");
    }

    /// <summary>Takes no more items.</summary>
    /// <inheritdoc cref="Complete"/>
    /// <returns>False where it was completed before.</returns>
    public bool TryComplete(Exception? error = null)
    {
        bool isFirst = State.TryComplete(error);
        GC.KeepAlive(this);
        return isFirst;
    }

    /// <summary>Says that one item that this process has taken is done.</summary>
    /// <exception cref="InvalidOperationException">The queue does not track it, or this process has said so of all it took.</exception>
    public void Done() => Done(1);

    /// <summary>Says that items that this process has taken are done.</summary>
    /// <param name="count">How many, from 0: what <c>TakeMany</c> gave, for instance.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <exception cref="InvalidOperationException">The queue does not track it, or this process has taken fewer that are not done; none is counted.</exception>
    public void Done(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        State.SayDone(count);
        GC.KeepAlive(this);
    }

    /// <summary>Waits until every item was taken, and every living process has done what it took.</summary>
    /// <remarks>What a process that died has taken and not done is not waited for.</remarks>
    /// <returns>False where the time ran out.</returns>
    public bool WaitUntilDone(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        bool isDone = Tracking.Done.Wait(_state, static s => s.IsDone, timeout, cancellationToken);
        GC.KeepAlive(this);
        return isDone;
    }

    /// <inheritdoc cref="WaitUntilDone"/>
    public async ValueTask WaitUntilDoneAsync(CancellationToken cancellationToken = default)
    {
        await Tracking.Done.WaitAsync(_state, static s => s.IsDone, Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(this);
    }

    /// <summary>Lets go of it in this process. Others keep theirs, and every item that was put.</summary>
    public void Dispose() => Reference.Dispose();

    private QueueState Tracking => State.Layout.TrackCompletion ? _state
        : throw new InvalidOperationException("This queue does not track what is done. Make it with TrackCompletion.");

    /// <summary>The error for who puts into a completed queue, or takes from one that is at its end.</summary>
    internal ChannelClosedException Closed() => _state.EndedBy switch
    {
        PipeRole.Sender => new ChannelClosedException("The pipe has ended: each process that had its sending end has closed it or died."),
        PipeRole.Receiver => new ChannelClosedException("The pipe has ended: each process that had its receiving end has closed it or died."),
        _ => Completed(),
    };

    private ChannelClosedException Completed() => _state.Error is { } error
        ? new ChannelClosedException("The queue was completed with an error.", error)
        : new ChannelClosedException("The queue is completed.");
}

/// <summary>Carries queues.</summary>
internal sealed class ProcessQueueCodec<T> : SharedCodec<ProcessQueue<T>>
{
    protected override SharedFormat Format => QueueItems<T>.Format;

    protected override SharedReference ReferenceOf(ProcessQueue<T> value) => value.Reference;

    protected override ProcessQueue<T> Make(SharedReference reference) => new(reference);
}

/// <summary>Shows the counts; the items belong to those who take them.</summary>
internal sealed class ProcessQueueDebugView<T>(ProcessQueue<T> queue)
{
    public ProcessQueueStatistics? Statistics => queue.Reference.IsDisposed ? null : queue.GetStatistics();
}
