using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A barrier between processes: so many wait for each other, again and again.</summary>
/// <remarks>
/// <para>Who gives up waiting takes his arrival back, unless all have come by then. When a process that has the barrier is killed or crashes, or ends
/// with an exit code other than 0, the barrier breaks: who waits, and who comes, is told so by <see cref="BarrierBrokenException"/> at once, until
/// <see cref="Reset"/>. One that has waited here breaks it in whatever way it ends. A process that disposes the barrier has left it and breaks nothing;
/// so has one that got it with a task which is over, unless it has waited.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessBarrierCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : ParticipantsRemaining} of {ParticipantCount} to come {Name,nq}")]
public sealed class ProcessBarrier : SharedObject
{
    private readonly SharedBroadcast _broadcast;
    private int _hasLeft;

    /// <summary>Makes a barrier.</summary>
    /// <param name="participantCount">How many wait for each other, threads or asynchronous methods of any process: 1 to 32,767.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
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

    /// <summary>How many wait for each other.</summary>
    public int ParticipantCount { get; }

    /// <summary>How many have not come yet.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public int ParticipantsRemaining => ParticipantCount - Word.Arrived;

    /// <summary>Whether it was aborted, or a process that took part has ended, and nobody has reset it.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
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

    /// <summary>Opens the barrier that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no barrier.</exception>
    public static ProcessBarrier Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessBarrier Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Comes, and blocks until all have come.</summary>
    /// <exception cref="BarrierBrokenException">They will not.</exception>
    /// <exception cref="OperationCanceledException">The token was tripped first.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public void SignalAndWait(CancellationToken cancellationToken = default) => SignalAndWait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="SignalAndWait(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
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
            // The phase was over by then; how it ended is said below.
        }

        return HasPassed(phase);
    }

    /// <summary>Comes, and completes when all have come.</summary>
    /// <inheritdoc cref="SignalAndWait(CancellationToken)" path="/exception"/>
    public async ValueTask SignalAndWaitAsync(CancellationToken cancellationToken = default) =>
        await SignalAndWaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="SignalAndWaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
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
            // The phase was over by then; how it ended is said below.
        }

        return HasPassed(phase);
    }

    /// <summary>Breaks it: who waits and who comes is told so.</summary>
    public void Abort()
    {
        for (BarrierWord word = Word; !_broadcast.TryChange(word.Value, word.Break().Value); word = Word) continue;
        _broadcast.WakeAll();
        GC.KeepAlive(this);
    }

    /// <summary>Begins anew. Who waits is told that it was broken; who was let go and has not left yet is not.</summary>
    /// <exception cref="IOException">No descriptor is left to look for the dead with; nothing is changed.</exception>
    public void Reset()
    {
        Broadcast.RepairDead(); // whoever has died so far belongs to what was
        for (BarrierWord word = Word; (word.Arrived > 0 || word.IsBroken) && !_broadcast.TryChange(word.Value, word.Next(isTorn: true).Value); word = Word)
            continue;
        _broadcast.WakeAll();
        GC.KeepAlive(this);
    }

    /// <summary>The task that this object came with is over; a child that has failed ends with it, and its end breaks the barrier.</summary>
    internal void EndWithTask()
    {
        if (!SharedBroadcast.HasFailed) Leave();
    }

    /// <summary>Who has this object does not come any more.</summary>
    private protected override void Leave()
    {
        if (Interlocked.Exchange(ref _hasLeft, 1) == 0) _broadcast.Leave();
        GC.KeepAlive(this);
    }

    private static bool IsOver(SharedBroadcast broadcast, ushort phase) => new BarrierWord(broadcast.Word) is var word && (word.Phase != phase || word.IsBroken);

    private static BarrierBrokenException Broken() => new("The barrier was aborted or reset, or a process that took part has ended. Reset it to begin again.");

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

    // Takes an arrival back, unless its phase is over.
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

/// <summary>Carries barriers.</summary>
internal sealed class ProcessBarrierCodec : SharedObjectCodec<ProcessBarrier>
{
    protected override SharedFormat Format => ProcessBarrier.Format;

    protected override ProcessBarrier Make(SharedReference reference) => new(reference);

    protected override void Arrived(ProcessBarrier value, LiveConnector connector) => connector.WhenTaskEnds(value.EndWithTask);
}
