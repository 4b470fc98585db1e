namespace Samovar;

/// <summary>Which of the waiting tasks start first. A lower one waits as long as a higher one is queued.</summary>
public enum TaskPriority
{
    /// <summary>Starts when nothing else waits.</summary>
    Low = -1,

    /// <summary>The default.</summary>
    Normal = 0,

    /// <summary>Starts before everything else that waits.</summary>
    High = 1,
}
