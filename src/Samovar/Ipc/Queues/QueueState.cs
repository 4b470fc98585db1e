using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

/// <summary>A queue as one process uses it: its registration, the rings, and the signals.</summary>
internal sealed unsafe partial class QueueState : IDisposable
{
    private const int TakesFromOneRing = 64; // in succession, so that every producer is served
    private const int LooksPerCheck = 64; // failed attempts to take, until the holders of claims are checked

    private readonly SharedRegion _region;
    private readonly QueueHeader* _header;
    private readonly WaitPlatform _platform;
    private readonly ProducerRing?[] _rings;
    private readonly ProducerRing _own;
    private readonly ItemRetention _retention;
    private readonly long* _taken;
    private readonly long* _done;
    private int _ring;
    private int _takesLeft = TakesFromOneRing;
    private int _looks;

    public QueueState(SharedRegion region)
    {
        _region = region;
        Layout = new QueueLayout(region.Format);
        _header = (QueueHeader*)region.Data;
        _platform = WaitPlatform.Of(region.Kind);
        _rings = new ProducerRing?[region.Format.ProcessSlots];
        Registration = region.Join(Repair, () => Roles?.Look());
        int index = Registration.Index;
        long* own = (long*)Registration.Table.Own(index);
        _done = own + 1;
        Interlocked.Add(ref _header->Abandoned, UndoneIn(own)); // what the slot's former owner has left undone is no longer waited for
        Volatile.Write(ref own[0], 0);
        Volatile.Write(ref own[1], 0);
        if (region.Format.Kind == SharedKind.Pipe)
        {
            var roles = new PipeRoles(_header, Registration, role => TryComplete([], role));
            roles.Begin();
            Roles = roles;
        }

        _taken = Layout.TrackCompletion ? own : null;
        int used = RingsUsed;
        while (used <= index && Interlocked.CompareExchange(ref _header->RingsUsed, index + 1, used) is var found && found != used)
            used = found;
        _own = Ring(index);
        Items = new SharedSignal(&_header->Items, _platform, Registration);
        Done = new SharedSignal(&_header->Done, _platform, Registration);
        Room = new SharedSignal(_own.Room, _platform, Registration);
        _retention = new ItemRetention(_own.Retained, new SharedSignal(_own.LiveTaken, _platform, Registration));
    }

    public QueueLayout Layout { get; }

    public ProcessRegistration Registration { get; }

    /// <summary>The processes that have the ends; null for a queue.</summary>
    public PipeRoles? Roles { get; }

    /// <summary>The end of a pipe that no process had any more when the pipe ended.</summary>
    public PipeRole EndedBy => IsCompleted ? (PipeRole)_header->EndedBy : PipeRole.None;

    /// <summary>Signal: an item is available, or no more will be.</summary>
    public SharedSignal Items { get; }

    /// <summary>Signal: this process can put an item, or the queue is completed.</summary>
    public SharedSignal Room { get; }

    /// <summary>Signal: a process has marked all items that it took as done, or the queue is drained.</summary>
    public SharedSignal Done { get; }

    /// <summary>The number of items that were taken, and not done, by processes that have left.</summary>
    public long Abandoned
    {
        get
        {
            long count = Volatile.Read(ref _header->Abandoned);
            for (int i = 0; i < Registration.Table.Capacity; i++)
                count += Registration.Table[i] is null ? UndoneIn((long*)Registration.Table.Own(i)) : 0;
            return count;
        }
    }

    /// <summary>How many puts were aborted by the death of their process.</summary>
    public long AbortedWrites => Volatile.Read(ref _header->AbortedWrites);

    public bool IsCompleted => Volatile.Read(ref _header->Completion) == QueueHeader.Completed; // SYNC: queue completed

    /// <summary>Whether there is an item that no consumer is taking at this moment.</summary>
    public bool HasItems
    {
        get
        {
            for (int i = 0, used = RingsUsed; i < used; i++)
            {
                if (Ring(i).HasItems) return true;
            }

            return false;
        }
    }

    /// <summary>Whether the queue is empty and stays empty.</summary>
    public bool IsDrained
    {
        get
        {
            if (!IsCompleted) return false;
            Interlocked.MemoryBarrier(); // SYNC: completed or locked
            for (int i = 0, used = RingsUsed; i < used; i++)
            {
                if (!Ring(i).IsDrained) return false;
            }

            return true;
        }
    }

    /// <summary>Whether all items were taken, and every living process has marked the items that it took as done.</summary>
    public bool IsDone
    {
        get
        {
            // The rings come first: an item that is in none of them by now was counted as taken before it left its ring.
            for (int i = 0, used = RingsUsed; i < used; i++)
            {
                if (!Ring(i).IsEmpty) return false;
            }

            for (int i = 0; i < Registration.Table.Capacity; i++)
            {
                if (Registration.Table[i] is not null && UndoneIn((long*)Registration.Table.Own(i)) > 0) // SYNC: taken and done
                    return false;
            }

            return true;
        }
    }

    public int RingsUsed => Math.Clamp(Volatile.Read(ref _header->RingsUsed), 0, _rings.Length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PutOutcome TryPut<T>(in T item) => _own.TryPut(in item);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PutOutcome TryPut<T>(ReadOnlySpan<T> items, out int put) => _own.TryPut(items, out put);

    /// <exception cref="SharedObjectException">There is no space for an item that is larger than the queue.</exception>
    public PutOutcome TryPut<T>(OutgoingItem<T> item)
    {
        PutOutcome outcome = _own.TryPut(item.Bytes, item.Hold);
        if (outcome == PutOutcome.Put && item.Hold is not null) _retention.Begin();
        return outcome;
    }

    public bool HasRoomFor(int length) => Layout.ArenaSize == 0 ? _own.HasRoom : _own.HasRoomFor(length);

    public ProducerRing Ring(int index) => _rings[index] ?? Make(index);

    /// <summary>Takes one item that is copied as raw bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake<T>(out T item)
    {
        int ring = _ring;
        for (int i = 0, used = RingsUsed; i < used; i++, ring++)
        {
            ring = ring < used ? ring : 0;
            if (Ring(ring).TryTake(_taken, out item))
            {
                Took(ring, 1);
                return true;
            }
        }

        Unsafe.SkipInit(out item);
        TookNone();
        return false;
    }

    /// <summary>Takes one serialized item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake<T>(out TakenBytes<T> item)
    {
        int ring = _ring;
        for (int i = 0, used = RingsUsed; i < used; i++, ring++)
        {
            ring = ring < used ? ring : 0;
            while (Ring(ring).TryTake(_taken, out item))
            {
                Took(ring, 1);
                if (!item.IsLost) return true;
                Done.WakeAll(); // a lost item is never marked as done
            }
        }

        item = default;
        TookNone();
        return false;
    }

    /// <summary>Takes as many items as are available and fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int TryTake<T>(Span<T> items)
    {
        int count = 0;
        int ring = _ring;
        for (int i = 0, used = RingsUsed; i < used && count < items.Length; i++, ring++)
        {
            ring = ring < used ? ring : 0;
            int taken = Ring(ring).TryTake(_taken, items[count..]);
            if (taken > 0) Took(ring, taken);
            count += taken;
        }

        if (count == 0) TookNone();
        return count;
    }

    /// <summary>Marks taken items as done.</summary>
    /// <exception cref="InvalidOperationException">This process has fewer items left to mark.</exception>
    public void SayDone(int count)
    {
        if (!Layout.TrackCompletion)
            throw new InvalidOperationException("This queue does not track completion. Create it with ProcessQueueOptions.TrackCompletion.");
        long done = Volatile.Read(ref *_done);
        while (true)
        {
            long taken = Volatile.Read(ref *_taken);
            if (count > taken - done)
            {
                throw new InvalidOperationException(
                    $"This process has taken {taken} items and marked {done} of them as done, so it cannot mark {count} more.");
            }

            long found = Interlocked.CompareExchange(ref *_done, done + count, done); // SYNC: taken and done
            if (found == done) break;
            done = found;
        }

        if (done + count == Volatile.Read(ref *_taken)) Done.WakeAll();
    }

    /// <summary>Completes the queue: it accepts no more items, and consumers get the remaining ones and then the error.</summary>
    /// <returns>False if the queue was completed before.</returns>
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = CodeRequirements.CheckedAtRunTime)]
    public bool TryComplete(Exception? error) => TryComplete(error is null ? [] : QueueError.Write(error), PipeRole.None);

    private bool TryComplete(byte[] bytes, PipeRole endedBy)
    {
        if (IsCompleted) return false;
        ulong own = ProcessIdentity.Own.Word;
        while (Interlocked.CompareExchange(ref _header->Completion, own, 0) is not 0 and var found)
        {
            if (found is QueueHeader.Completed || found == own || ProcessIdentity.From(found).IsAlive || !Registration.RepairDead())
                return false;
        }

        ProducerRing.StepReached?.Invoke(QueueStep.Completing);
        bytes.CopyTo(new Span<byte>(_header->Error, QueueHeader.ErrorSize));
        _header->ErrorLength = bytes.Length;
        _header->EndedBy = (int)endedBy;
        Interlocked.Exchange(ref _header->Completion, QueueHeader.Completed); // SYNC: queue completed
        Items.WakeAll();
        Done.WakeAll();
        for (int i = 0, used = RingsUsed; i < used; i++) new SignalWord(Ring(i).Room, _platform).WakeAll();
        return true;
    }

    /// <summary>The error with which the queue was completed; null if there was no error.</summary>
    public Exception? Error
    {
        [UnconditionalSuppressMessage("AOT", "IL3050", Justification = CodeRequirements.CheckedAtRunTime)]
        get => IsCompleted ? QueueError.Read(new ReadOnlySpan<byte>(_header->Error, QueueHeader.ErrorSize), _header->ErrorLength) : null;
    }

    public void Dispose()
    {
        Items.Close();
        Done.Close();
        Room.Close();
        _retention.Close();
        UndeliveredItems.Add(_region, _own.Retained);
        Registration.Dispose();
        Done.WakeAllRegardless(); // items that this process has not marked as done will never be
        GC.KeepAlive(_region);
    }

    private static long UndoneIn(long* slot) => Math.Max(0, Volatile.Read(ref slot[0]) - Volatile.Read(ref slot[1]));

    private ProducerRing Make(int index)
    {
        var made = new ProducerRing(_region, Layout, index, _platform);
        return Interlocked.CompareExchange(ref _rings[index], made, null) ?? made;
    }

    // After a take, whose last step was a full fence: a woken consumer wakes the next one, and a consumer that took the last item of all wakes those
    // that wait for the end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Took(int ring, int count)
    {
        _ring = ring;
        if ((_takesLeft -= count) < 0) MoveOn(ring);
        if (Items.Word.IsWaitedFor || IsCompleted) WakeNext();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MoveOn(int ring)
    {
        _takesLeft = TakesFromOneRing;
        _ring = ring + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeNext()
    {
        if (Items.Word.IsWaitedFor && HasItems) Items.Word.WakeOneAfterFence();
        if (!IsDrained) return;
        Items.WakeAll();
        Done.WakeAll();
    }

    // A consumer that never waits does not watch other processes, but a ring that a dead process has claimed must be freed all the same.
    private void TookNone()
    {
        if (Registration.Failure is { } failure) throw failure;
        if (++_looks % LooksPerCheck != 0) return;
        if (Roles is not null) Registration.Watch(); // watch the processes that have the other end
        for (int i = 0, used = RingsUsed; i < used; i++)
        {
            ulong claimant = Ring(i).Claimant;
            if (claimant != 0 && claimant != ProcessIdentity.Own.Word && !ProcessIdentity.From(claimant).IsAlive)
                Registration.RepairDead();
        }
    }

    // Each step succeeds once, whichever process comes first.
    private void Repair(int index, ProcessIdentity dead)
    {
        for (int i = 0; i < _rings.Length && i < RingsUsed; i++)
        {
            if (Ring(i).Free(dead.Word)) Interlocked.Increment(ref _header->AbortedWrites);
        }

        Interlocked.CompareExchange(ref _header->Completion, 0, dead.Word);
    }
}
