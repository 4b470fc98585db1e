using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A countdown between processes: waiters are released when it reaches zero.</summary>
/// <remarks>
/// <para>Threads and asynchronous methods that wait when the countdown reaches zero are released even if it is reset at once. The countdown does not
/// notice that a process has died without signaling. To wait for processes that may die, wait for their futures or use a
/// <see cref="ProcessBarrier"/>.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessCountdownCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : CurrentCount} of {InitialCount} {Name,nq}")]
public sealed class ProcessCountdown : SharedObject
{
    // The word: the lower half is the count, the upper half the number of times it has reached zero.
    private const ulong Time = 1ul << 32;

    private readonly SharedBroadcast _broadcast;

    /// <summary>Initializes a countdown.</summary>
    /// <param name="initialCount">The initial count, from 0. A countdown that starts at 0 is set from the start.</param>
    /// <param name="name">The name by which other processes of the same user open the countdown: up to 100 ASCII letters, digits, '-', '_' and '.',
    /// not starting with '.'. Null, the default, for an unnamed countdown.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initialCount"/> is negative.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
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

    /// <summary>Gets the count with which the countdown was created.</summary>
    public int InitialCount { get; }

    /// <summary>Gets the current count.</summary>
    /// <exception cref="ObjectDisposedException">The countdown was disposed in this process.</exception>
    public int CurrentCount
    {
        get
        {
            int count = CountOf(Broadcast.Word);
            GC.KeepAlive(this);
            return count;
        }
    }

    /// <summary>Gets whether the count is zero.</summary>
    /// <exception cref="ObjectDisposedException">The countdown was disposed in this process.</exception>
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

    /// <summary>Opens the named countdown that living processes hold.</summary>
    /// <param name="name">The name with which the countdown was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a
    /// countdown.</exception>
    public static ProcessCountdown Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessCountdown Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Decreases the count, and releases all waiters when it reaches zero.</summary>
    /// <param name="count">The amount, from 1. Default 1.</param>
    /// <returns>True if this call took the count to zero; otherwise, false.</returns>
    /// <exception cref="InvalidOperationException"><paramref name="count"/> is greater than the current count, which stays unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The countdown was disposed in this process.</exception>
    public bool Signal(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        while (true)
        {
            ulong word = Broadcast.Word;
            if (CountOf(word) < count)
                throw new InvalidOperationException($"{Label} is at {CountOf(word)}; it cannot be decreased by {count}.");
            bool isZero = CountOf(word) == count;
            if (!_broadcast.TryChange(word, word - (ulong)count + (isZero ? Time : 0))) continue;
            if (isZero) _broadcast.WakeAll();
            GC.KeepAlive(this);
            return isZero;
        }
    }

    /// <summary>Increases the count.</summary>
    /// <param name="count">The amount, from 1. Default 1.</param>
    /// <exception cref="InvalidOperationException">The count is zero already, or would exceed <see cref="int.MaxValue"/>; it stays
    /// unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The countdown was disposed in this process.</exception>
    public void AddCount(int count = 1)
    {
        if (!TryAddCount(count))
            throw new InvalidOperationException($"{Label} has reached zero and has released its waiters. Reset it to count again.");
    }

    /// <inheritdoc cref="AddCount"/>
    /// <returns>False if the count is zero already; otherwise, true.</returns>
    public bool TryAddCount(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        while (true)
        {
            ulong word = Broadcast.Word;
            if (CountOf(word) == 0) return false;
            if (CountOf(word) > int.MaxValue - count)
                throw new InvalidOperationException($"{Label} is at {CountOf(word)}; adding {count} exceeds the largest count, {int.MaxValue}.");
            if (!_broadcast.TryChange(word, word + (ulong)count)) continue;
            GC.KeepAlive(this);
            return true;
        }
    }

    /// <summary>Sets the count to <see cref="InitialCount"/> or to another number.</summary>
    /// <remarks>Current waiters continue to wait, unless the new count is zero.</remarks>
    /// <param name="count">The new count, from 0. Null, the default, for <see cref="InitialCount"/>.</param>
    /// <exception cref="ObjectDisposedException">The countdown was disposed in this process.</exception>
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

    /// <summary>Blocks until the count is zero.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the count reached zero.</exception>
    /// <exception cref="ObjectDisposedException">The countdown was disposed in this process.</exception>
    public void Wait(CancellationToken cancellationToken = default) => Wait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to check without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count reached zero; false if the timeout elapsed.</returns>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        SharedBroadcast broadcast = Broadcast;
        bool isZero = broadcast.Wait((broadcast, broadcast.Word), static seen => IsLetGo(seen), TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);
        GC.KeepAlive(this);
        return isZero;
    }

    /// <summary>Completes when the count is zero.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="Wait(CancellationToken)" path="/exception"/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="WaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to check without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count reached zero; false if the timeout elapsed.</returns>
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

/// <summary>Ships countdowns to other processes.</summary>
internal sealed class ProcessCountdownCodec : SharedObjectCodec<ProcessCountdown>
{
    protected override SharedFormat Format => ProcessCountdown.Format;

    protected override ProcessCountdown Make(SharedReference reference) => new(reference);
}
