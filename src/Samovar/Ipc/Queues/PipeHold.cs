namespace Samovar.Ipc;

/// <summary>What one end object of this process has of an end: nothing, or a part that it does not use, or one that it uses.</summary>
internal sealed class PipeHold : IDisposable
{
    private readonly Lock _gate = new();
    private readonly QueueState _state;
    private volatile Part _part;

    private PipeHold(QueueState state, PipeRole role, Part part)
    {
        _state = state;
        Role = role;
        Change(part);
    }

    private enum Part
    {
        None,
        Had,
        Used,
        Closed,
    }

    public PipeRole Role { get; }

    private PipeRoles Roles => _state.Roles ?? throw new ChannelCorruptedException("A pipe's end leads to a shared object that is no pipe.");

    /// <summary>The end of a direction that this process makes.</summary>
    public static PipeHold Make(SharedRegion region, PipeRole role) => new(region.State(static r => new QueueState(r)), role, Part.Used);

    /// <summary>The end that has arrived here.</summary>
    public static PipeHold Arrive(SharedRegion region, in SharedHandle handle)
    {
        var transit = PipeTransitWord.From(handle.Hold);
        if (transit.Role is not (PipeRole.Sender or PipeRole.Receiver) || region.Format.Kind != SharedKind.Pipe)
            throw new ChannelCorruptedException($"A handle of a {region.Format.Kind} says that it is the end {(int)transit.Role} of a pipe.");
        QueueState state = region.State(static r => new QueueState(r));
        var hold = new PipeHold(state, transit.Role, Part.Had);
        PipeRoles.StepReached?.Invoke(PipeStep.Arrived);
        if (transit.Transit != 0 && hold.Roles.TryEndTransit(transit.Slot, transit.Cell, transit.Transit))
            hold.Roles.Look(); // a process that uses the opposite end has got nothing by it
        return hold;
    }

    /// <summary>This process uses the end.</summary>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public void Use()
    {
        if (_part != Part.Used)
            BeginToUse();
        _state.Participation.Watch();
    }

    /// <summary>The end is sent on: it belongs to the message, until it arrives.</summary>
    public PipeTransit Lend()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_part == Part.Closed, this);
            (int cell, uint transit) = Roles.BeginTransit(Role);
            PipeHold? instead = transit == 0 ? new PipeHold(_state, Role, Part.Had) : null;
            PipeRoles.StepReached?.Invoke(PipeStep.Sent);
            Change(Part.None);
            return new PipeTransit(this, instead, new PipeTransitWord(Role, _state.Participation.Index, cell, transit));
        }
    }

    /// <summary>The message was never read.</summary>
    public void TakeBack(PipeTransitWord transit)
    {
        lock (_gate)
        {
            Part before = _part;
            if (before == Part.None)
                Change(Part.Had);
            bool wasOnItsWay = Roles.TryEndTransit(transit.Slot, transit.Cell, transit.Transit);
            if (!wasOnItsWay && before == Part.None)
                Change(Part.None);
        }

        Roles.Look();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_part == Part.Closed)
                return;
            Change(Part.Closed);
        }

        Roles.Look();
    }

    private void BeginToUse()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_part == Part.Closed, this);
            Change(Part.Used);
        }

        Roles.Look(); // what this process was given of the opposite end counts no more
    }

    private void Change(Part part)
    {
        Part before = _part;
        _part = part;
        Roles.Add(Role, Of(part, Part.Used) - Of(before, Part.Used), Of(part, Part.Had) - Of(before, Part.Had));

        static int Of(Part part, Part counted) => part == counted ? 1 : 0;
    }
}

/// <summary>An end on its way, held by who has sent it.</summary>
internal sealed class PipeTransit(PipeHold lender, PipeHold? instead, PipeTransitWord word) : IDisposable
{
    public long Word => word.Packed;

    public void Dispose()
    {
        if (instead is not null)
            instead.Dispose();
        else
            lender.TakeBack(word);
    }
}

/// <summary>Where it stands that an end is on its way.</summary>
/// <param name="Role">Which end.</param>
/// <param name="Slot">The sender's participant slot.</param>
/// <param name="Cell">Of its transits.</param>
/// <param name="Transit">What stands there; 0 where the sender holds the end itself until it has arrived.</param>
internal readonly record struct PipeTransitWord(PipeRole Role, int Slot, int Cell, uint Transit)
{
    public long Packed => ((long)Slot << 48) | ((long)Cell << 40) | ((long)Role << 32) | Transit;

    public static PipeTransitWord From(long packed) =>
        new((PipeRole)((packed >> 32) & 0xFF), (int)((ulong)packed >> 48), (int)((packed >> 40) & 0xFF), (uint)packed);
}
