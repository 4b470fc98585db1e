namespace Samovar.Loops.Core;

/// <summary>One moment that the loop waits for. Armed once; whoever wants another moment makes another.</summary>
/// <remarks>Belongs to the loop's thread from the moment it is armed.</remarks>
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

    /// <summary>Whether its moment is still to come.</summary>
    public bool IsArmed => _state == NodeState.Armed;

    /// <summary>A byte for the kind of node to use, since here it costs no memory. What was written before it is seen by who reads it.</summary>
    protected byte Mark
    {
        get => Volatile.Read(ref _mark);
        set => Volatile.Write(ref _mark, value);
    }

    /// <summary>Among those of the same moment the one that was armed first is the first.</summary>
    public bool IsBefore(TimerNode other) => (int)(_sequence - other._sequence) < 0;

    /// <summary>The moment has come, or passed, on the loop's thread. Puts what is to run into the ready queue.</summary>
    public abstract void Due(LoopCore loop);

    /// <summary>New → armed. Called by the queue.</summary>
    public void Arm(uint sequence)
    {
        _sequence = sequence;
        _state = NodeState.Armed;
    }

    /// <summary>Armed → over. False: it was over, or never armed.</summary>
    public bool TryEnd()
    {
        if (_state != NodeState.Armed) return false;
        _state = NodeState.Over;
        return true;
    }
}
