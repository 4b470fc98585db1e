using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>An event between processes: waiters are released when it is set.</summary>
/// <remarks>
/// <para>A manual-reset event releases all waiters from the moment it is set until it is reset; those that wait when it is set are released even if
/// it is reset at once. An auto-reset event releases one waiter each time it is set, in the order in which the waiters arrived. A waiter that is
/// cancelled, or whose process dies, does not consume the signal.</para>
/// <para>No process owns the event: when a process dies, the event stays as it is.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks/para[position()&lt;4]"/>
/// </remarks>
/// <example>
/// <code>
/// using var start = new ProcessEvent();
/// var child = ChildProcess.Start(() => start.Wait(TimeSpan.FromMinutes(1)));
/// start.Set();
/// bool wasSet = await child.JoinAsync(); // false if the minute has elapsed
/// </code>
/// </example>
[ShipWith(typeof(ProcessEventCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? \"disposed\" : IsSet ? \"set\" : \"not set\",nq} {Name,nq}")]
public sealed class ProcessEvent : SharedObject
{
    // The word of a manual-reset event: bit 0 is its state; the bits above count how often it was set.
    private const ulong SetBit = 1;
    private const ulong Time = 2;

    private readonly SharedSemaphore? _automatic;
    private readonly SharedBroadcast? _manual;

    /// <summary>Initializes an event.</summary>
    /// <param name="isSet">The initial state. Default false.</param>
    /// <param name="mode">Whether the event stays set until <see cref="Reset"/>, or resets itself when it releases a waiter. Default
    /// <see cref="EventResetMode.ManualReset"/>.</param>
    /// <param name="name">The name by which other processes of the same user open the event: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for an unnamed event.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mode"/> is not a defined mode.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    public ProcessEvent(bool isSet = false, EventResetMode mode = EventResetMode.ManualReset, string? name = null)
        : this(isSet, mode, name, SharedStore.Current)
    {
    }

    internal ProcessEvent(bool isSet, EventResetMode mode, string? name, SharedStore store)
        : this(SharedReference.Create(Checked(isSet, mode) with { Name = name }, store))
    {
    }

    internal ProcessEvent(SharedReference reference)
        : base(reference)
    {
        Mode = (EventResetMode)reference.Trait(0, 1);
        if (Mode == EventResetMode.AutoReset) _automatic = SharedSemaphore.Of(reference);
        else _manual = SharedBroadcast.Of(reference);
    }

    /// <summary>Gets whether the event stays set until <see cref="Reset"/>, or resets itself when it releases a waiter.</summary>
    public EventResetMode Mode { get; }

    /// <summary>Gets whether the event is set.</summary>
    /// <exception cref="ObjectDisposedException">The event was disposed in this process.</exception>
    public bool IsSet
    {
        get
        {
            ThrowIfDisposed();
            bool isSet = _manual is { } manual ? (manual.Word & SetBit) != 0 : _automatic!.Available > 0;
            GC.KeepAlive(this);
            return isSet;
        }
    }

    internal static SharedFormat Format { get; } = SharedBroadcast.Format(SharedKind.Event, first: 0, name: null);

    /// <summary>Opens the named event that living processes hold.</summary>
    /// <param name="name">The name with which the event was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not an
    /// event.</exception>
    public static ProcessEvent Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessEvent Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Sets the event, which releases all waiters of a manual-reset event and one waiter of an auto-reset event.</summary>
    /// <remarks>Setting an event that is set already has no effect. An auto-reset event stays set until the waiter that it releases has woken, so two
    /// calls in quick succession may release only one waiter, as with <see cref="AutoResetEvent"/>.</remarks>
    /// <exception cref="ObjectDisposedException">The event was disposed in this process.</exception>
    public void Set()
    {
        ThrowIfDisposed();
        if (_manual is not { } manual)
        {
            _automatic!.TryAdd(1);
        }
        else
        {
            for (ulong word = manual.Word; (word & SetBit) == 0; word = manual.Word)
            {
                if (manual.TryChange(word, (word | SetBit) + Time)) break;
            }

            manual.WakeAll();
        }

        GC.KeepAlive(this);
    }

    /// <summary>Resets the event, so that later waiters block.</summary>
    /// <exception cref="ObjectDisposedException">The event was disposed in this process.</exception>
    public void Reset()
    {
        ThrowIfDisposed();
        if (_manual is not { } manual)
        {
            _automatic!.Lower(0);
        }
        else
        {
            for (ulong word = manual.Word; (word & SetBit) != 0 && !manual.TryChange(word, word & ~SetBit); word = manual.Word)
                continue;
        }

        GC.KeepAlive(this);
    }

    /// <summary>Blocks until the event is set.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the event released this waiter.</exception>
    /// <exception cref="ObjectDisposedException">The event was disposed in this process.</exception>
    public void Wait(CancellationToken cancellationToken = default) => Wait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to check without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the event released this waiter; false if the timeout elapsed.</returns>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        bool isSet = _manual is { } manual
            ? manual.Wait((manual, manual.Word), static seen => IsLetGo(seen), TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken)
            : _automatic!.Wait(this, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);
        GC.KeepAlive(this);
        return isSet;
    }

    /// <summary>Completes when the event is set.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="Wait(CancellationToken)" path="/exception"/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="WaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to check without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the event released this waiter; false if the timeout elapsed.</returns>
    public async ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        bool isSet = _manual is { } manual
            ? await manual.WaitAsync((manual, manual.Word), static seen => IsLetGo(seen), TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken).ConfigureAwait(false)
            : await _automatic!.WaitAsync(this, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(this);
        return isSet;
    }

    private static bool IsLetGo((SharedBroadcast Event, ulong Word) seen) =>
        seen.Event.Word is var now && ((now & SetBit) != 0 || now / Time != seen.Word / Time);

    private static SharedFormat Checked(bool isSet, EventResetMode mode)
    {
        if (mode is not (EventResetMode.AutoReset or EventResetMode.ManualReset))
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "The mode of an event is ManualReset or AutoReset.");
        return SharedBroadcast.Format(SharedKind.Event, isSet ? 1ul : 0, name: null) with { Traits = (long)mode };
    }
}

/// <summary>Ships events to other processes.</summary>
internal sealed class ProcessEventCodec : SharedObjectCodec<ProcessEvent>
{
    protected override SharedFormat Format => ProcessEvent.Format;

    protected override ProcessEvent Make(SharedReference reference) => new(reference);
}
