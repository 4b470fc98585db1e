using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A reusable barrier between processes: a fixed number of participants wait until all of them have arrived.</summary>
/// <remarks>
/// <para>A participant that is cancelled or times out withdraws its arrival, unless all participants have arrived by then. When a process that holds
/// the barrier is killed, crashes or exits with an exit code other than 0, the barrier breaks: current waiters and later arrivals get a
/// <see cref="BarrierBrokenException"/> at once, until <see cref="Reset"/> is called. A process that has waited at the barrier breaks it however it
/// exits.</para>
/// <para>A process that disposes the barrier leaves it without breaking it. So does a process that received the barrier with a task, when that task
/// completes, unless the process has waited at the barrier.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks/para[position()&lt;4]"/>
/// </remarks>
/// <example>
/// <code>
/// using var meeting = new ProcessBarrier(participantCount: 2);
/// var child = ChildProcess.Start(() => meeting.SignalAndWait());
/// await meeting.SignalAndWaitAsync(); // completes when both processes have arrived
/// await child.JoinAsync();
/// </code>
/// </example>
[ShipWith(typeof(ProcessBarrierCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : ParticipantsRemaining} of {ParticipantCount} still to arrive {Name,nq}")]
public sealed class ProcessBarrier : SharedObject
{
    private readonly SharedBroadcast _broadcast;
    private int _hasLeft;

    /// <summary>Initializes a barrier for <paramref name="participantCount"/> participants.</summary>
    /// <param name="participantCount">The number of participants, which can be threads or asynchronous methods of any process: 1 to 32,767.</param>
    /// <param name="name">The name by which other processes of the same user open the barrier: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for an unnamed barrier.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="participantCount"/> is out of range.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    public ProcessBarrier(int participantCount, string? name = null)
        : this(participantCount, name, SharedStore.Current)
    {
    }

    internal ProcessBarrier(int participantCount, string? name, SharedStore store)
        : this(SharedReference.Create(Checked(participantCount) with { Name = name }, store))
    {
    }

    internal ProcessBarrier(SharedReference reference)
        : base(reference)
    {
        ParticipantCount = reference.Trait(1, BarrierWord.MostParties);
        _broadcast = SharedBroadcast.Of(reference, static word => new BarrierWord(word).Break().Value);
        _broadcast.Join();
    }

    /// <summary>Gets the number of participants.</summary>
    public int ParticipantCount { get; }

    /// <summary>Gets the number of participants that have not arrived in the current phase.</summary>
    /// <exception cref="ObjectDisposedException">The barrier was disposed in this process.</exception>
    public int ParticipantsRemaining => ParticipantCount - Word.Arrived;

    /// <summary>Gets whether the barrier is broken: it was aborted, or a participating process exited, and it has not been reset since.</summary>
    /// <exception cref="ObjectDisposedException">The barrier was disposed in this process.</exception>
    public bool IsBroken => Word.IsBroken;

    internal static SharedFormat Format { get; } = SharedBroadcast.Format(SharedKind.Barrier, first: 0, name: null);

    private SharedBroadcast Broadcast
    {
        get
        {
            ThrowIfDisposed();
            return _broadcast;
        }
    }

    private BarrierWord Word
    {
        get
        {
            var word = new BarrierWord(Broadcast.Word);
            GC.KeepAlive(this);
            return word;
        }
    }

    /// <summary>Opens the named barrier that living processes hold.</summary>
    /// <param name="name">The name with which the barrier was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a
    /// barrier.</exception>
    public static ProcessBarrier Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessBarrier Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Signals arrival, and blocks until all participants have arrived.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="BarrierBrokenException">The barrier is broken, or breaks during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before all participants arrived; this arrival is withdrawn.</exception>
    /// <exception cref="ObjectDisposedException">The barrier was disposed in this process.</exception>
    public void SignalAndWait(CancellationToken cancellationToken = default) => SignalAndWait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="SignalAndWait(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if the timeout elapsed; this arrival is withdrawn.</returns>
    public bool SignalAndWait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        cancellationToken.ThrowIfCancellationRequested();
        SharedBroadcast broadcast = Broadcast;
        ushort phase = Arrive();
        try
        {
            broadcast.Wait((broadcast, phase), static seen => IsOver(seen.broadcast, seen.phase), timeout, cancellationToken);
        }
        catch (Exception) when (!TryLeave(phase))
        {
            // The phase ended before the arrival could be withdrawn; HasPassed reports how it ended.
        }

        return HasPassed(phase);
    }

    /// <summary>Signals arrival, and completes when all participants have arrived.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="SignalAndWait(CancellationToken)" path="/exception"/>
    public async ValueTask SignalAndWaitAsync(CancellationToken cancellationToken = default) =>
        await SignalAndWaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="SignalAndWaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if the timeout elapsed; this arrival is withdrawn.</returns>
    public async ValueTask<bool> SignalAndWaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        cancellationToken.ThrowIfCancellationRequested();
        SharedBroadcast broadcast = Broadcast;
        ushort phase = Arrive();
        try
        {
            await broadcast.WaitAsync((broadcast, phase), static seen => IsOver(seen.broadcast, seen.phase), timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!TryLeave(phase))
        {
            // The phase ended before the arrival could be withdrawn; HasPassed reports how it ended.
        }

        return HasPassed(phase);
    }

    /// <summary>Breaks the barrier: current waiters and later arrivals get a <see cref="BarrierBrokenException"/>.</summary>
    /// <exception cref="ObjectDisposedException">The barrier was disposed in this process.</exception>
    public void Abort()
    {
        for (BarrierWord word = Word; !_broadcast.TryChange(word.Value, word.Break().Value); word = Word) continue;
        _broadcast.WakeAll();
        GC.KeepAlive(this);
    }

    /// <summary>Starts a new, unbroken phase without arrivals.</summary>
    /// <remarks>Current waiters get a <see cref="BarrierBrokenException"/>. Waiters whose phase was complete, but that have not returned yet, do
    /// not.</remarks>
    /// <exception cref="IOException">No descriptor is available to check which processes have died; the barrier is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The barrier was disposed in this process.</exception>
    public void Reset()
    {
        Broadcast.RepairDead(); // processes that have died so far belong to the phase that is discarded
        for (BarrierWord word = Word; (word.Arrived > 0 || word.IsBroken) && !_broadcast.TryChange(word.Value, word.Next(isTorn: true).Value); word = Word)
            continue;
        _broadcast.WakeAll();
        GC.KeepAlive(this);
    }

    /// <summary>Called when the task that carried this object completes. A child that has failed leaves by exiting, which breaks the
    /// barrier.</summary>
    internal void EndWithTask()
    {
        if (!SharedBroadcast.HasFailed) Leave();
    }

    /// <summary>This object no longer arrives at the barrier.</summary>
    private protected override void Leave()
    {
        if (Interlocked.Exchange(ref _hasLeft, 1) == 0) _broadcast.Leave();
        GC.KeepAlive(this);
    }

    private static bool IsOver(SharedBroadcast broadcast, ushort phase) => new BarrierWord(broadcast.Word) is var word && (word.Phase != phase || word.IsBroken);

    private static BarrierBrokenException Broken() =>
        new("The barrier is broken: it was aborted or reset, or a participating process exited. Call Reset to use it again.");

    private static SharedFormat Checked(int participantCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(participantCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(participantCount, BarrierWord.MostParties);
        return Format with { Traits = participantCount };
    }

    private ushort Arrive()
    {
        _broadcast.TakePart();
        while (true)
        {
            BarrierWord word = Word;
            if (word.IsBroken) throw Broken();
            bool isLast = word.Arrived + 1 >= ParticipantCount;
            if (!_broadcast.TryChange(word.Value, (isLast ? word.Next(isTorn: false) : word.Arrive()).Value)) continue;
            if (isLast) _broadcast.WakeAll();
            return word.Phase;
        }
    }

    // Withdraws an arrival, unless its phase has ended.
    private bool TryLeave(ushort phase)
    {
        while (true)
        {
            var word = new BarrierWord(_broadcast.Word);
            if (word.Phase != phase || word.IsBroken || word.Arrived == 0) return false;
            if (_broadcast.TryChange(word.Value, word.Leave().Value)) return true;
        }
    }

    private bool HasPassed(ushort phase)
    {
        if (TryLeave(phase)) return false;
        var word = new BarrierWord(_broadcast.Word);
        GC.KeepAlive(this);
        return word.Phase != phase && word.EndedWell(phase) ? true : throw Broken();
    }
}

/// <summary>Ships barriers to other processes.</summary>
internal sealed class ProcessBarrierCodec : SharedObjectCodec<ProcessBarrier>
{
    protected override SharedFormat Format => ProcessBarrier.Format;

    protected override ProcessBarrier Make(SharedReference reference) => new(reference);

    protected override void Arrived(ProcessBarrier value, LiveConnector connector) => connector.WhenTaskEnds(value.EndWithTask);
}
