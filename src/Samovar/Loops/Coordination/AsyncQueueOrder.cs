namespace Samovar;

/// <summary>Specifies which item an <see cref="AsyncQueue{T}"/> returns next.</summary>
public enum AsyncQueueOrder
{
    /// <summary>The oldest item.</summary>
    FirstInFirstOut,

    /// <summary>The newest item.</summary>
    LastInFirstOut,

    /// <summary>The smallest item according to a comparer; among equal items, the oldest.</summary>
    Priority,
}
