namespace Samovar;

/// <summary>What submitting to a full bounded queue does.</summary>
public enum QueueFullMode
{
    /// <summary>It blocks until there is room, the options' token trips, or the executor is shut down.</summary>
    Wait,

    /// <summary>It throws <see cref="QueueFullException"/>.</summary>
    Reject,
}
