using System.Diagnostics;
using Samovar.Ipc.Locks;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>An event between processes: waiters go on once it is set.</summary>
/// <remarks>
/// <para>A manual one, once set, lets all go until it is reset. Whoever waits when it is set is let go, though it be reset at once. An
/// automatic one lets one go for each time it is set, in the order in which they came; one that gives up or dies takes nothing with it.</para>
/// <para>It belongs to nobody: a process that dies leaves it as it is.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
[ShipWith(typeof(ProcessEventCodec))]
[DebuggerDisplay("{Reference.IsDisposed ? \"disposed\" : IsSet ? \"set\" : \"not set\",nq} {Name,nq}")]
public sealed class ProcessEvent : SharedObject
{
    // The word of a manual event: bit 0 whether it is set; above, how often it was.
    private const ulong SetBit = 1;
    private const ulong Time = 2;

    private readonly SharedSemaphore? _automatic;
    private readonly SharedBroadcast? _manual;

    /// <summary>Makes an event.</summary>
    /// <param name="isSet">Whether it is set at first.</param>
    /// <param name="mode">Whether it stays set, or is reset by the one it lets go.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
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

    /// <summary>Whether it stays set, or is reset by the one it lets go.</summary>
    public EventResetMode Mode { get; }

    /// <summary>Whether it is set.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
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

    /// <summary>Opens the event that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no event.</exception>
    public static ProcessEvent Open(string name) => Open(name, SharedStore.Current);

    internal static ProcessEvent Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Lets waiters go: all, or of an automatic event one. Setting what is set does nothing; an automatic event is set until the waiter that
    /// it lets go is on its way, so that two calls shortly after each other may let one go, as those of <see cref="AutoResetEvent"/>.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
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

    /// <summary>Lets nobody go from now on.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
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

    /// <summary>Blocks until it is set.</summary>
    /// <exception cref="OperationCanceledException">The token was tripped first.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    public void Wait(CancellationToken cancellationToken = default) => Wait(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="Wait(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to look only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        bool isSet = _manual is { } manual
            ? manual.Wait((manual, manual.Word), static seen => IsLetGo(seen), TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken)
            : _automatic!.Wait(this, TimeoutArguments.RequireTimeout(timeout, nameof(timeout)), cancellationToken);
        GC.KeepAlive(this);
        return isSet;
    }

    /// <summary>Completes when it is set.</summary>
    /// <inheritdoc cref="Wait(CancellationToken)" path="/exception"/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="WaitAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait at most; <see cref="TimeSpan.Zero"/> to look only.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
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
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "An event is reset by hand or by the one it lets go.");
        return SharedBroadcast.Format(SharedKind.Event, isSet ? 1ul : 0, name: null) with { Traits = (long)mode };
    }
}

/// <summary>Carries events.</summary>
internal sealed class ProcessEventCodec : SharedObjectCodec<ProcessEvent>
{
    protected override SharedFormat Format => ProcessEvent.Format;

    protected override ProcessEvent Make(SharedReference reference) => new(reference);
}
