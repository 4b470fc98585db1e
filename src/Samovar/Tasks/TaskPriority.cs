namespace Samovar;

/// <summary>Specifies which queued tasks start first. A task does not start while one of a higher priority is queued.</summary>
public enum TaskPriority
{
    /// <summary>Starts when no task of another priority is queued.</summary>
    Low = -1,

    /// <summary>The default priority.</summary>
    Normal = 0,

    /// <summary>Starts before all queued tasks of another priority.</summary>
    High = 1,
}
