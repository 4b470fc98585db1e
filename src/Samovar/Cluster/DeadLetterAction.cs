namespace Samovar;

/// <summary>What becomes of a dead letter; see <see cref="ClusterConnection.ReviewDeadLettersAsync"/>.</summary>
public enum DeadLetterAction
{
    /// <summary>It stays where it is.</summary>
    Keep,

    /// <summary>It is put at the end of the task queue from which it came. Its tasks do not start twice: their owner decides whether they start.</summary>
    Retry,

    /// <summary>It is removed for good. Its tasks stay queued at their owner until they are cancelled.</summary>
    Drop,
}
