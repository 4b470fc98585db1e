namespace Samovar.Ipc.Waiting;

/// <summary>Where an asynchronous wait stands among those of this process at the same signal.</summary>
internal enum WaitOrder
{
    /// <summary>Nowhere: it is looked at whenever the signal is, and no other wait depends on it.</summary>
    None,

    /// <summary>Behind the waits that take and came before it. It takes nothing itself, so no other wait waits for it: two such waits
    /// that each gave way to the other would both end with nothing taken, and begin again without end.</summary>
    Looks,

    /// <summary>In line: its look takes what it finds, and waits that take are served in the order in which they came.</summary>
    Takes,
}
