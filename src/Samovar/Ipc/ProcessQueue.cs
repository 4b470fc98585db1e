using System.Diagnostics;
using System.Threading.Channels;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A bounded queue between any number of producing and consuming processes. It is also a <see cref="Channel{T}"/>.</summary>
/// <remarks>
/// <para>A queue that is captured by a task, passed, returned or sent through another queue arrives as the same queue. Unrelated processes of the
/// same user open it by its name. Its memory is freed when the last process that holds it releases it.</para>
/// <para>Each item is delivered once. Items of one process arrive in the order in which it put them; the order between processes is undefined. A
/// process that dies while it puts an item loses that item at most; all other items remain available to the other processes.</para>
/// <para>Numbers, and structs that consist of them, are copied as raw bytes; all other types are serialized like the captured values of a task. An
/// item may be larger than the queue, up to 2 GiB. A shared object inside an item is held by the producer until the item is taken. If the producer
/// exits before that and no other process holds the object, the item is lost, and <see cref="ProcessQueueStatistics.Lost"/> counts it.</para>
/// <para>All members are safe for any thread of any process.</para>
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
/// <example>
/// <code>
/// using var numbers = new ProcessQueue&lt;int>(capacity: 100);
/// var child = ChildProcess.Start(async () =>
/// {
///     int sum = 0;
///     await foreach (int number in numbers.TakeAllAsync()) sum += number;
///     return sum;
/// });
/// for (int number = 1; number &lt;= 3; number++) numbers.Put(number);
/// numbers.Complete();
/// int total = await child.JoinAsync(); // 6
/// </code>
/// </example>
[ShipWith(typeof(ProcessQueueCodec<>))]
[DebuggerDisplay("{DebugText,nq}")]
[DebuggerTypeProxy(typeof(ProcessQueueDebugView<>))]
public sealed partial class ProcessQueue<T> : Channel<T>, IDisposable
{
    private readonly QueueState _state;

    /// <summary>Initializes a queue with a capacity and the default of all other options.</summary>
    /// <param name="capacity">How many items each process can have in the queue at once; 1 to 16,777,216.</param>
    /// <param name="name">The name by which other processes of the same user open the queue: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for an unnamed queue.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is out of range.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    /// <exception cref="PlatformNotSupportedException">Items of type <typeparamref name="T"/> must be serialized, and the program is set up for
    /// ahead-of-time compilation or was trimmed. Numbers, structs of numbers, strings and byte arrays need no serialization.</exception>
    public ProcessQueue(int capacity, string? name = null)
        : this(new ProcessQueueOptions { Capacity = capacity, Name = name })
    {
    }

    /// <summary>Initializes a queue.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">The name in the options is not valid.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    /// <exception cref="PlatformNotSupportedException">Items of type <typeparamref name="T"/> must be serialized, and the program is set up for
    /// ahead-of-time compilation or was trimmed. Numbers, structs of numbers, strings and byte arrays need no serialization.</exception>
    public ProcessQueue(ProcessQueueOptions? options = null)
        : this(options ?? new ProcessQueueOptions(), SharedStore.Current)
    {
    }

    internal ProcessQueue(ProcessQueueOptions options, SharedStore store)
        : this(SharedReference.Create(options.FormatFor(QueueItems<T>.SupportedFormat), store))
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

    /// <summary>Gets how many items each process can have in the queue at once.</summary>
    public int Capacity => _state.Layout.Capacity;

    /// <summary>Gets the name by which other processes open the queue; null for an unnamed queue.</summary>
    public string? Name => Reference.Region.Format.Name;

    /// <summary>Gets the approximate number of items in the queue, of all processes.</summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
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

    /// <summary>Gets whether the queue was completed, so that it accepts no more items. Remaining items can still be taken.</summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public bool IsCompleted => State.IsCompleted;

    internal SharedReference Reference { get; }

    /// <summary>Gets the number of processes that use the queue.</summary>
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

    /// <summary>Opens the named queue that living processes hold.</summary>
    /// <param name="name">The name with which the queue was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a queue of items of
    /// type <typeparamref name="T"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">Items of type <typeparamref name="T"/> must be serialized, and the program is set up for
    /// ahead-of-time compilation or was trimmed. Numbers, structs of numbers, strings and byte arrays need no serialization.</exception>
    public static ProcessQueue<T> Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessQueue<T> Open(string name, SharedStore store) => new(SharedReference.OpenNamed(QueueItems<T>.SupportedFormat, name, store));

    /// <summary>Completes the queue: it accepts no more items, and consumers get the remaining ones before they reach its end.</summary>
    /// <param name="error">The error that consumers get as the inner exception of a <see cref="ChannelClosedException"/>; null for a regular
    /// end.</param>
    /// <exception cref="ChannelClosedException">The queue was completed before.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public void Complete(Exception? error = null)
    {
        if (!TryComplete(error)) throw new ChannelClosedException("The queue is completed already.");
    }

    /// <summary>Completes the queue, unless it is completed already.</summary>
    /// <inheritdoc cref="Complete"/>
    /// <returns>False if the queue was completed before.</returns>
    public bool TryComplete(Exception? error = null)
    {
        bool isFirst = State.TryComplete(error);
        GC.KeepAlive(this);
        return isFirst;
    }

    /// <summary>Marks one item that this process has taken as done.</summary>
    /// <exception cref="InvalidOperationException">The queue does not track completion, or this process has marked all items that it
    /// took.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public void Done() => Done(1);

    /// <summary>Marks items that this process has taken as done.</summary>
    /// <param name="count">The number of items, from 0; for example, the result of <c>TakeMany</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">The queue does not track completion, or this process has fewer than <paramref name="count"/> taken
    /// items left to mark; none is marked then.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public void Done(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        State.SayDone(count);
        GC.KeepAlive(this);
    }

    /// <summary>Blocks until all items were taken and every living process has marked the items that it took as done.</summary>
    /// <remarks>Items that a process had taken and not marked when it died are not waited for.</remarks>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to check without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if the timeout elapsed.</returns>
    /// <exception cref="InvalidOperationException">The queue does not track completion; see
    /// <see cref="ProcessQueueOptions.TrackCompletion"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public bool WaitUntilDone(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        bool isDone = Tracking.Done.Wait(_state, static s => s.IsDone, timeout, cancellationToken);
        GC.KeepAlive(this);
        return isDone;
    }

    /// <summary>Completes when all items were taken and every living process has marked the items that it took as done.</summary>
    /// <inheritdoc cref="WaitUntilDone" path="/remarks"/>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="WaitUntilDone" path="/exception"/>
    public async ValueTask WaitUntilDoneAsync(CancellationToken cancellationToken = default)
    {
        await Tracking.Done.WaitAsync(_state, static s => s.IsDone, Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(this);
    }

    /// <summary>Releases the queue in this process. Other processes keep it, and all items that were put.</summary>
    public void Dispose() => Reference.Dispose();

    private QueueState Tracking => State.Layout.TrackCompletion ? _state
        : throw new InvalidOperationException("This queue does not track completion. Create it with ProcessQueueOptions.TrackCompletion.");

    /// <summary>The error for putting into a completed queue, and for taking from a queue at its end.</summary>
    internal ChannelClosedException Closed() => _state.EndedBy switch
    {
        PipeRole.Sender => new ChannelClosedException("The pipe has ended: every process that held its sending end has closed it or died."),
        PipeRole.Receiver => new ChannelClosedException("The pipe has ended: every process that held its receiving end has closed it or died."),
        _ => Completed(),
    };

    private ChannelClosedException Completed() => _state.Error is { } error
        ? new ChannelClosedException("The queue was completed with an error.", error)
        : new ChannelClosedException("The queue is completed.");
}

/// <summary>Ships queues to other processes.</summary>
internal sealed class ProcessQueueCodec<T> : SharedCodec<ProcessQueue<T>>
{
    protected override SharedFormat Format => QueueItems<T>.Format;

    protected override SharedReference ReferenceOf(ProcessQueue<T> value) => value.Reference;

    protected override ProcessQueue<T> Make(SharedReference reference) => new(reference);
}

/// <summary>Shows the counts in the debugger, but no items: reading one would take it from its consumer.</summary>
internal sealed class ProcessQueueDebugView<T>(ProcessQueue<T> queue)
{
    public ProcessQueueStatistics? Statistics => queue.Reference.IsDisposed ? null : queue.GetStatistics();
}
