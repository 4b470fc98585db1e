using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;
using Samovar.Tasks.Core;

namespace Samovar.Ipc.Locks;

/// <summary>What locks, semaphores, automatic events and conditions stand on: permits, and a line of those who wait for them. A process's
/// side.</summary>
/// <remarks>
/// The data of the object, 128 bytes apart because different cores write them:
/// <list type="table">
/// <item><term>0</term><description>the word of permits (<see cref="PermitWord"/>)</description></item>
/// <item><term>128</term><description>the last ticket drawn (<see cref="WaitLine"/>)</description></item>
/// <item><term>256</term><description>how many slots were ever taken (4 bytes), and how often permits were abandoned (4 bytes)</description></item>
/// </list>
/// </remarks>
internal sealed class SharedPermits : IDisposable
{
    public const int DataLength = 384;

    /// <summary>Processes that may use an object at once.</summary>
    public const int MostProcesses = 1024;

    private const int TicketsOffset = 128;
    private const int UsedOffset = 256;
    private const int AbandonedOffset = 260;

    private readonly PermitWord _word;
    private readonly Participation _participation;
    private readonly WaitLine _line; // null while the slot is being taken, when there may be dead to repair already
    private readonly SlotTenure _tenure = new();
    private readonly unsafe byte* _data;
    private readonly uint _leastToTell;

    private unsafe SharedPermits(SharedRegion region)
    {
        Region = region;
        _data = region.Data;
        long capacity = region.Format.Capacity;
        bool isSound = region.Format.Kind switch
        {
            SharedKind.Lock or SharedKind.Event => capacity == 1,
            SharedKind.ReaderWriterLock or SharedKind.Condition => capacity == PermitWord.Most,
            _ => capacity is >= 1 and <= PermitWord.Most,
        };
        if (!isSound || region.Format.DataLength < DataLength || region.Format.Participants < 1)
            throw new ChannelCorruptedException($"A {region.Format.Kind} has {capacity} permits and {region.Format.Participants} participants.");
        _leastToTell = region.Format.Kind == SharedKind.ReaderWriterLock ? (uint)capacity : 1;
        _word = new PermitWord((ulong*)_data, region.Table, (uint)capacity, _tenure);
        _participation = region.Join(Repair);
        _line = new WaitLine(_participation, WaitPlatform.Of(region.Kind), (ulong*)(_data + TicketsOffset), (uint*)(_data + UsedOffset));
    }

    /// <summary>The memory; whoever is in an operation keeps it alive.</summary>
    public SharedRegion Region { get; }

    public uint Available => _word.Available;

    public uint Capacity => _word.Capacity;

    public bool IsAbandoned => _word.IsAbandoned;

    public int Waiting => _line.Waiting;

    /// <summary>How often a process died with permits.</summary>
    public unsafe int Abandonments => Volatile.Read(ref *(int*)(_data + AbandonedOffset));

    /// <summary>Permits that this process holds.</summary>
    public uint HeldHere => _word.Held(_participation.Index);

    public static SharedFormat Format(SharedKind kind, uint capacity, uint available, string? name) => new()
    {
        Kind = kind,
        Name = name,
        Capacity = capacity,
        First = available,
        Participants = MostProcesses,
        DataLength = DataLength,
    };

    public static SharedPermits Of(SharedReference reference) => reference.State(static region => new SharedPermits(region));

    /// <summary>The processes that hold permits.</summary>
    public int[] Holders()
    {
        var holders = new List<int>();
        for (int i = 0; i < _line.Used; i++)
        {
            if (_word.Held(i) > 0 && _participation.Table[i] is { } process)
                holders.Add(process.Id);
        }

        return [.. holders];
    }

    /// <summary>Enters, and gives the lease; null where the time ran out.</summary>
    public ProcessLease? Enter(object owner, PermitUse use, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isTaken = Take(use, timeout, cancellationToken, out bool wasAbandoned);
        GC.KeepAlive(owner);
        return isTaken ? new ProcessLease(this, owner, use.IsAll, wasAbandoned) : null;
    }

    /// <inheritdoc cref="Enter"/>
    public ValueTask<ProcessLease?> EnterAsync(object owner, PermitUse use, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ProcessLease?>(cancellationToken);
        if (_word.TryTake(SlotFor(use), use.IsAll, isFirst: false, out bool wasAbandoned))
            return new ValueTask<ProcessLease?>(new ProcessLease(this, owner, use.IsAll, wasAbandoned));
        return SelfWaitWatch.Current is { } watch && timeout == Timeout.InfiniteTimeSpan && HeldHere > 0 ? WaitWatchedAsync(watch) : WaitAsync(cancellationToken);

        async ValueTask<ProcessLease?> WaitAsync(CancellationToken token)
        {
            Waiter waiter = await TakeAsync(use, timeout, token).ConfigureAwait(false);
            return waiter.HasPassed ? new ProcessLease(this, owner, use.IsAll, waiter.WasAbandoned) : null;
        }

        async ValueTask<ProcessLease?> WaitWatchedAsync(SelfWaitWatch watch)
        {
            using var selfWait = new PermitSelfWait(this, use, cancellationToken);
            return await selfWait.EnterAsync(WaitAsync, watch).ConfigureAwait(false);
        }
    }

    /// <summary>Takes one for nobody.</summary>
    /// <returns>False where the time ran out.</returns>
    public bool Wait(object owner, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isTaken = Take(PermitUse.Consumed, timeout, cancellationToken, out _);
        GC.KeepAlive(owner);
        return isTaken;
    }

    /// <inheritdoc cref="Wait"/>
    public async ValueTask<bool> WaitAsync(object owner, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Waiter waiter = await TakeAsync(PermitUse.Consumed, timeout, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(owner);
        return waiter.HasPassed;
    }

    /// <summary>Blocks until the permits are taken.</summary>
    /// <returns>False where the time ran out.</returns>
    public bool Take(PermitUse use, TimeSpan timeout, CancellationToken cancellationToken, out bool wasAbandoned)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_word.TryTake(SlotFor(use), use.IsAll, isFirst: false, out wasAbandoned))
            return true;
        if (timeout == TimeSpan.Zero)
            return TryTakeAgain(use, out wasAbandoned);
        Waiter waiter = Arrive(use);
        Sleep(waiter, timeout, cancellationToken);
        wasAbandoned = waiter.WasAbandoned;
        return waiter.HasPassed;
    }

    /// <summary>Takes a place in the line; <see cref="Sleep"/>, <see cref="SleepAsync"/> or <see cref="GiveUp"/> follows.</summary>
    public Waiter Arrive(PermitUse use)
    {
        ThrowIfBroken();
        var waiter = new Waiter(this, use);
        _line.Arrive(waiter);
        return waiter;
    }

    /// <summary>Gives up a place in the line at which no thread sleeps.</summary>
    public void GiveUp(Waiter waiter) => GiveUpUnlessPassed(waiter);

    /// <summary>Blocks until the waiter has passed or given up.</summary>
    public void Sleep(Waiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            _line.SignalOf(waiter).Wait(waiter, static w => w.Look(), timeout, cancellationToken);
        }
        finally
        {
            GiveUpUnlessPassed(waiter);
        }
    }

    /// <summary>Completes when the waiter has passed or given up.</summary>
    public async ValueTask SleepAsync(Waiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await _line.SignalOf(waiter).WaitAsync(waiter, static w => w.Look(), timeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (GiveUpUnlessPassed(waiter))
        {
            // What it waited for came first: the permits are its own, and are not to be lost.
        }

        GiveUpUnlessPassed(waiter);
    }

    /// <summary>Completes when the permits are taken.</summary>
    /// <returns>The waiter: whether it has passed, and what it found.</returns>
    public async ValueTask<Waiter> TakeAsync(PermitUse use, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(this, use);
        if (waiter.TryAtOnce() || timeout == TimeSpan.Zero)
            return waiter;
        ThrowIfBroken();
        _line.Arrive(waiter);
        await SleepAsync(waiter, timeout, cancellationToken).ConfigureAwait(false);
        return waiter;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Give(bool all, bool isAbandoned = false)
    {
        if (_word.TryGive(_participation.Index, all, isAbandoned) && _word.HasLine)
            Advance();
        GC.KeepAlive(Region);
    }

    /// <summary>Adds permits that nobody held.</summary>
    /// <returns>False where there would be more than may be.</returns>
    public bool TryAdd(uint amount)
    {
        bool isAdded = _word.TryAdd(amount);
        if (isAdded && _word.HasLine)
            Advance();
        GC.KeepAlive(Region);
        return isAdded;
    }

    /// <summary>Takes away what nobody holds, down to a number.</summary>
    public void Lower(int available) => _word.Lower((uint)available);

    /// <summary>Lets so many of those pass who wait now.</summary>
    public void Notify(int count)
    {
        int more = Math.Min(count, Waiting - (int)Available);
        if (more > 0)
            TryAdd((uint)more);
    }

    public void Dispose()
    {
        _line.Close();
        _tenure.End();
        try
        {
            Repair(_participation.Index, ProcessIdentity.Own);
        }
        catch (ChannelCorruptedException)
        {
            // There is nothing sound left to give back; whoever uses the object next is told the same.
        }

        Advance();
        _participation.Dispose();
    }

    private int SlotFor(PermitUse use) => use.IsOwned ? _participation.Index : -1;

    // Takes without waiting. A holder that has died is watched from here on, and is noticed though nobody waits.
    private bool TryTakeAgain(PermitUse use, out bool wasAbandoned)
    {
        _participation.Watch();
        if (_word.HasLine && !_line.Any)
            Advance();
        return _word.TryTake(SlotFor(use), use.IsAll, isFirst: false, out wasAbandoned);
    }

    private bool GiveUpUnlessPassed(Waiter waiter)
    {
        if (_line.Leave(waiter))
            return true;
        if (!waiter.HasLeft)
            Advance();
        waiter.HasLeft = true;
        GC.KeepAlive(Region);
        return false;
    }

    // Wakes the first in line; where there is none, says so.
    private void Advance()
    {
        if (_line.WakeFirst())
            return;
        _word.ClearLine();
        if (!_line.WakeFirst())
            return;
        _word.SetLine(); // came meanwhile
        _line.WakeFirst();
    }

    private void ThrowIfBroken()
    {
        if (_participation.Failure is { } failure)
            throw failure;
    }

    private unsafe void Repair(int slot, ProcessIdentity process)
    {
        if (_word.Return(slot, process, _leastToTell) >= _leastToTell)
            Interlocked.Increment(ref *(int*)(_data + AbandonedOffset));
        WaitLine.Remove(Region.Table, slot, process);
        if (Region.Format.Kind == SharedKind.Condition && _line is not null)
            Notify(int.MaxValue); // it may have been woken and told nobody; waiters look at what they wait for again
    }

    /// <summary>One that waits for permits.</summary>
    internal sealed class Waiter(SharedPermits permits, PermitUse use) : LineWaiter
    {
        private bool _wasAbandoned;

        public bool WasAbandoned => _wasAbandoned;

        public bool HasLeft { get; set; }

        public bool TryAtOnce() => HasPassed = permits.TryTakeAgain(use, out _wasAbandoned);

        public bool Look() => permits._line.Look(this);

        public override void Announce() => permits._word.SetLine();

        public override bool TryPass() => permits._word.TryTake(permits.SlotFor(use), use.IsAll, isFirst: true, out _wasAbandoned);

        public override void Passed()
        {
            if (permits.Available > 0)
                permits.Advance();
        }
    }
}

/// <summary>How permits are taken.</summary>
/// <param name="IsAll">All of them; otherwise one.</param>
/// <param name="IsOwned">They are the process's, and come back with its death; otherwise they are gone.</param>
internal readonly record struct PermitUse(bool IsAll, bool IsOwned)
{
    public static PermitUse One => new(IsAll: false, IsOwned: true);

    public static PermitUse All => new(IsAll: true, IsOwned: true);

    public static PermitUse Consumed => new(IsAll: false, IsOwned: false);
}
