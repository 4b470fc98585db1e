namespace Samovar.Loops.Core;

/// <summary>One timer of a loop. It is armed once; waiting again takes a new node.</summary>
/// <remarks>Belongs to the loop's thread once it is armed.</remarks>
internal abstract class TimerNode
{
    private uint _sequence;
    private NodeState _state;
    private byte _mark;

    private enum NodeState : byte
    {
        New,
        Armed,
        Over,
    }

    /// <summary>Whether the timer is armed and not yet due.</summary>
    public bool IsArmed => _state == NodeState.Armed;

    /// <summary>A byte for derived classes, in space that would otherwise be padding. Written with release and read with acquire semantics.</summary>
    protected byte Mark
    {
        get => Volatile.Read(ref _mark);
        set => Volatile.Write(ref _mark, value);
    }

    /// <summary>Returns whether this timer was armed before <paramref name="other"/>; that decides the order of timers with the same due
    /// time.</summary>
    public bool IsBefore(TimerNode other) => (int)(_sequence - other._sequence) < 0;

    /// <summary>Called on the loop's thread when the timer is due or overdue. Queues the work to run.</summary>
    public abstract void Due(LoopCore loop);

    /// <summary>New → armed. Called by the timer queue.</summary>
    public void Arm(uint sequence)
    {
        _sequence = sequence;
        _state = NodeState.Armed;
    }

    /// <summary>Armed → over. Returns false if the timer was not armed.</summary>
    public bool TryEnd()
    {
        if (_state != NodeState.Armed) return false;
        _state = NodeState.Over;
        return true;
    }
}
