using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A countdown between processes: waiters go on once it has come to zero.</summary>
/// <remarks>
/// <para>Whoever waits when it comes to zero is let go, though it be set up again at once. What a process still owes when it dies is not known to
/// the countdown: who waits for others that may die waits for their futures, or uses a <see cref="ProcessBarrier"/>.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessCountdownCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : CurrentCount} of {InitialCount} {Name,nq}")]
public sealed class ProcessCountdown : SharedObject
{
    // The word: the count below, how often it has come to zero above.
    private const ulong Time = 1ul << 32;

    private readonly SharedBroadcast _broadcast;

    /// <summary>Makes a countdown.</summary>
    /// <param name="initialCount">From where it counts down; 0 for one that is there already.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
    public ProcessCountdown(int initialCount, string? name = null)
        : this(initialCount, name, SharedStore.Current)
    {
    }

    internal ProcessCountdown(int initialCount, string? name, SharedStore store)
        : this(SharedReference.Create(Checked(initialCount) with { Name = name }, store))
    {
    }

    internal ProcessCountdown(SharedReference reference)
        : base(reference)
    {
        InitialCount = reference.Trait(0, int.MaxValue);
        _broadcast = SharedBroadcast.Of(reference);
    }

    /// <summary>From where it counted down at first.</summary>
    public int InitialCount { get; }

    /// <summary>What is left.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public int CurrentCount
    {
        get
        {
            int count = CountOf(Broadcast.Word);
            GC.KeepAlive(this);
            return count;
        }
    }

    /// <summary>Whether it has come to zero.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public bool IsSet => CurrentCount == 0;

    internal static SharedFormat Format { get; } = SharedBroadcast.Format(SharedKind.Countdown, first: 0, name: null);

    private SharedBroadcast Broadcast
    {
        get
        {
            ThrowIfDisposed();
            return _broadcast;
        }
    }

    /// <summary>Opens the countdown that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no countdown.</exception>
    public static ProcessCountdown Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessCountdown Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Counts down.</summary>
    /// <param name="count">By how much, from 1.</param>
    /// <returns>Whether it came to zero by that.</returns>
    /// <exception cref="InvalidOperationException">It would come below zero; it is not changed.</exception>
    public bool Signal(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        while (true)
        {
            ulong word = Broadcast.Word;
            if (CountOf(word) < count)
                throw new InvalidOperationException($"{Label} is at {CountOf(word)}; {count} signals are too many.");
            bool isZero = CountOf(word) == count;
            if (!_broadcast.TryChange(word, word - (ulong)count + (isZero ? Time : 0))) continue;
            if (isZero) _broadcast.WakeAll();
            GC.KeepAlive(this);
            return isZero;
        }
    }

    /// <summary>Counts up.</summary>
    /// <param name="count">By how much, from 1.</param>
    /// <exception cref="InvalidOperationException">It has come to zero already, or would come above the largest number; it is not changed.</exception>
    public void AddCount(int count = 1)
    {
        if (!TryAddCount(count))
            throw new InvalidOperationException($"{Label} has reached zero and has released its waiters. Reset it to count again.");
    }

    /// <inheritdoc cref="AddCount"/>
    /// <returns>False where it has come to zero already.</returns>
    public bool TryAddCount(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        while (true)
        {
            ulong word = Broadcast.Word;
            if (CountOf(word) == 0) return false;
            if (CountOf(word) > int.MaxValue - count)
                throw new InvalidOperationException($"{Label} is at {CountOf(word)}; {count} more are too many.");
            if (!_broadcast.TryChange(word, word + (ulong)count)) continue;
            GC.KeepAlive(this);
            return true;
        }
    }

    /// <summary>Sets it up again, at <see cref="InitialCount"/> or another number. Who waits goes on waiting unless it is zero.</summary>
    public void Reset(int? count = null)
    {
        int next = count ?? InitialCount;
        ArgumentOutOfRangeException.ThrowIfNegative(next, nameof(count));
        ulong word;
        do
        {
            word = Broadcast.Word;
        }
        while (!_broadcast.TryChange(word, (word & ~(Time - 1)) + (next == 0 ? Time : 0) + (ulong)next));
        if (next == 0) _broadcast.WakeAll();
        GC.KeepAlive(this);
    }

    /// <summary>Blocks until it has come to zero.</summary>
    /// <exception cref="OperationCanceledException">The token was tripped first.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public void Wait(CancellationToken cancellationToken = default) => Wait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to look only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        SharedBroadcast broadcast = Broadcast;
        bool isZero = broadcast.Wait((broadcast, broadcast.Word), static seen => IsLetGo(seen), TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);
        GC.KeepAlive(this);
        return isZero;
    }

    /// <summary>Completes when it has come to zero.</summary>
    /// <inheritdoc cref="Wait(CancellationToken)" path="/exception"/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="WaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to look only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
    public async ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        SharedBroadcast broadcast = Broadcast;
        bool isZero = await broadcast.WaitAsync((broadcast, broadcast.Word), static seen => IsLetGo(seen), TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken)
            .ConfigureAwait(false);
        GC.KeepAlive(this);
        return isZero;
    }

    private string Label => Name is null ? "The countdown" : $"The countdown '{Name}'";

    private static int CountOf(ulong word) => (int)(uint)word;

    private static bool IsLetGo((SharedBroadcast Countdown, ulong Word) seen) =>
        seen.Countdown.Word is var now && (CountOf(now) == 0 || now / Time != seen.Word / Time);

    private static SharedFormat Checked(int initialCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        return SharedBroadcast.Format(SharedKind.Countdown, (ulong)initialCount, name: null) with { Traits = initialCount };
    }
}

/// <summary>Carries countdowns.</summary>
internal sealed class ProcessCountdownCodec : SharedObjectCodec<ProcessCountdown>
{
    protected override SharedFormat Format => ProcessCountdown.Format;

    protected override ProcessCountdown Make(SharedReference reference) => new(reference);
}
