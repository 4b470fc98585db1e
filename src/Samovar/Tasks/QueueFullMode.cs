namespace Samovar;

/// <summary>Specifies what happens when work is submitted to a full bounded queue.</summary>
public enum QueueFullMode
{
    /// <summary>The call blocks until there is room, the options' token is cancelled, or the executor is shut down.</summary>
    Wait,

    /// <summary>The call throws <see cref="QueueFullException"/>.</summary>
    Reject,
}
