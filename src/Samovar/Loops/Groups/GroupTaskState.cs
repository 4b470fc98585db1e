namespace Samovar;

/// <summary>Where a task of a group stands.</summary>
public enum GroupTaskState
{
    /// <summary>It has not begun: its turn is still to come, or the group's limit holds it back.</summary>
    Waiting,

    /// <summary>It has begun and not ended.</summary>
    Running,

    /// <summary>It returned.</summary>
    Succeeded,

    /// <summary>It threw.</summary>
    Failed,

    /// <summary>Its group was cancelled and it gave up, or never began.</summary>
    Canceled,
}
