using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Primitives;

namespace Samovar.Ipc.Pipes;

/// <summary>The part that one end object of this process has in its end.</summary>
internal sealed class PipeHold : IDisposable
{
    private readonly Lock _gate = new();
    private readonly QueueState _state;
    private volatile PipePart _part = PipePart.None;
    private int _lends; // transits that have not been cleared

    private PipeHold(QueueState state, PipeRole role, PipePart part)
    {
        _state = state;
        Role = role;
        Change(part);
    }

    public PipeRole Role { get; }

    private PipeRoles Roles => _state.Roles ?? throw new ChannelCorruptedException("A pipe's end refers to a shared object that is not a pipe.");

    /// <summary>Creates the hold of a direction's end in the process that creates the pipe.</summary>
    public static PipeHold Make(SharedRegion region, PipeRole role) => new(region.State(static r => new QueueState(r)), role, PipePart.Made);

    /// <summary>Opens an object of any kind that has arrived. If it is an end of a pipe, this process has that end from here on.</summary>
    public static SharedReference Open(in SharedHandle handle, bool isOfTask = false)
    {
        SharedReference reference = SharedReference.Open(handle, isOfTask);
        try
        {
            if (handle.Hold != 0) reference.Attach(Arrive(reference.Region, handle, isOfTask));
            return reference;
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }

    /// <summary>Creates the hold of an end that has arrived.</summary>
    /// <param name="region">The pipe.</param>
    /// <param name="handle">The handle with which the end arrived.</param>
    /// <param name="isOfTask">Whether the end arrived with a task, whose lambda also captures what other lambdas of its scope capture. False for
    /// items and results, which are sent on purpose.</param>
    public static PipeHold Arrive(SharedRegion region, in SharedHandle handle, bool isOfTask)
    {
        var transit = PipeTransitWord.From(handle.Hold);
        if (transit.Role is not (PipeRole.Sender or PipeRole.Receiver) || region.Format.Kind != SharedKind.Pipe
            || transit.Slot >= region.Format.ProcessSlots || transit.Cell >= PipeSlot.MostTransits)
        {
            throw new ChannelCorruptedException(
                $"A handle of a {region.Format.Kind} claims to be end {(int)transit.Role} of a pipe, sent from {transit.Slot}.{transit.Cell}.");
        }

        QueueState state = region.State(static r => new QueueState(r));
        var hold = new PipeHold(state, transit.Role, isOfTask ? PipePart.Arrived : PipePart.Used);
        PipeRoles.StepReached?.Invoke(PipeStep.Arrived);
        if (transit.Transit != 0 && hold.Roles.TryEndTransit(transit.Slot, transit.Cell, transit.Transit))
            hold.Roles.Look(); // if this process uses the opposite end, this end does not count
        return hold;
    }

    /// <summary>Records that this process uses the end.</summary>
    /// <exception cref="ObjectDisposedException">The end was closed in this process.</exception>
    public void Use()
    {
        if (_part != PipePart.Used) BeginToUse();
        _state.Registration.Watch();
    }

    /// <summary>Starts a transit of the end to another process.</summary>
    public PipeTransit Lend()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_part == PipePart.Closed, this);
            (int cell, uint transit) = Roles.BeginTransit(Role);
            PipeHold? instead = transit == 0 ? new PipeHold(_state, Role, PipePart.OnItsWay) : null;
            PipeRoles.StepReached?.Invoke(PipeStep.Sent);
            _lends++;
            if (_part == PipePart.Made) Change(PipePart.Lent);
            CheckInvariantsLocked();
            return new PipeTransit(this, instead, new PipeTransitWord(Role, _state.Registration.Index, cell, transit));
        }
    }

    /// <summary>Called when the message that carried the end was delivered or discarded.</summary>
    public void EndLoan(PipeTransitWord transit)
    {
        using (_gate.HoldRegardless())
        {
            if (transit.Transit != 0 && Roles.TryEndTransit(transit.Slot, transit.Cell, transit.Transit) && --_lends == 0 && _part == PipePart.Lent)
                Change(PipePart.Made); // the message was never read
            CheckInvariantsLocked();
        }

        Roles.Look();
    }

    /// <summary>Called when the task with which the end arrived has completed.</summary>
    public void EndWithTask()
    {
        using (_gate.HoldRegardless())
        {
            if (_part == PipePart.Closed) return;
            Change(PipePart.None);
            CheckInvariantsLocked();
        }

        Roles.Look();
    }

    public void Dispose()
    {
        using (_gate.HoldRegardless())
        {
            if (_part == PipePart.Closed) return;
            Change(PipePart.Closed);
            CheckInvariantsLocked();
        }

        Roles.Look();
    }

    private void BeginToUse()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_part == PipePart.Closed, this);
            Change(PipePart.Used);
            CheckInvariantsLocked();
        }

        Roles.Look(); // the opposite end that this process received no longer counts
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_lends >= 0, "only transits that were started are completed");
        Debug.Assert(_part != PipePart.Lent || _lends > 0, "an end that counts as lent is in transit");
    }

    private void Change(PipePart part)
    {
        Roles.Change(Role, _part, part);
        _part = part;
    }
}

/// <summary>An end in transit, held by its sender.</summary>
internal sealed class PipeTransit(PipeHold lender, PipeHold? instead, PipeTransitWord word) : IDisposable
{
    public long Word => word.Packed;

    public void Dispose()
    {
        instead?.Dispose();
        lender.EndLoan(word);
    }
}

/// <summary>Names the entry that records an end in transit.</summary>
/// <param name="Role">The end.</param>
/// <param name="Slot">The sender's process slot.</param>
/// <param name="Cell">The index among the slot's transits.</param>
/// <param name="Transit">The value of the entry; 0 if the sender holds the end itself until it has arrived.</param>
internal readonly record struct PipeTransitWord(PipeRole Role, int Slot, int Cell, uint Transit)
{
    public long Packed => ((long)Slot << 48) | ((long)Cell << 40) | ((long)Role << 32) | Transit;

    public static PipeTransitWord From(long packed) =>
        new((PipeRole)((packed >> 32) & 0xFF), (int)((ulong)packed >> 48), (int)((packed >> 40) & 0xFF), (uint)packed);
}
