using System.Globalization;
using Samovar.Diagnostics.Inspection;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Locks;

/// <content>What an observer sees of the object.</content>
internal sealed unsafe partial class SharedSemaphore : IInspectedPrimitive
{
    /// <inheritdoc/>
    public PrimitiveActivity CapturePrimitive()
    {
        var format = Region.Format;
        var (available, lastMove) = (Available, _word.LastMove);
        string[] holders = available < Capacity ? [.. Holders().Select(static id => string.Create(CultureInfo.InvariantCulture, $"process {id}"))] : [];
        return new PrimitiveActivity(NameOf(format.Kind), format.Name, StateOf(format.Kind, available))
        {
            Id = -Region.Number,
            IsShared = true,
            Count = format.Kind is SharedKind.Semaphore ? available : null,
            Capacity = format.Kind is SharedKind.Semaphore ? Capacity : null,
            Holders = holders,
            Waiting = Waiting,
            Waits = (long)Volatile.Read(ref *(ulong*)(_data + TicketsOffset)),
            Abandonments = Abandonments,
            Processes = Enumerable.Range(0, _queue.Used).Count(i => _registration.Table[i] is not null),
            Hold = holders.Length > 0 && (available == 0 || format.Kind == SharedKind.ReaderWriterLock) ? lastMove : null,
        };
    }

    private static string NameOf(SharedKind kind) => kind switch
    {
        SharedKind.Lock => "lock",
        SharedKind.ReaderWriterLock => "reader-writer lock",
        SharedKind.Semaphore => "semaphore",
        SharedKind.Condition => "condition",
        _ => "event",
    };

    private string StateOf(SharedKind kind, uint available) => kind switch
    {
        SharedKind.Lock => available == 0 ? "held" : "free",
        SharedKind.ReaderWriterLock when available == 0 => "held by a writer",
        SharedKind.ReaderWriterLock when available < Capacity => string.Create(CultureInfo.InvariantCulture, $"held by {Capacity - available} readers"),
        SharedKind.ReaderWriterLock => "free",
        SharedKind.Semaphore => available == 0 ? "empty" : "free",
        SharedKind.Condition => "",
        _ => available > 0 ? "set" : "not set",
    };
}
