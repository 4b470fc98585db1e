namespace Samovar;

/// <summary>Which item an <see cref="AsyncQueue{T}"/> gives next.</summary>
public enum AsyncQueueOrder
{
    /// <summary>The oldest.</summary>
    FirstInFirstOut,

    /// <summary>The newest.</summary>
    LastInFirstOut,

    /// <summary>The least, as a comparer has it; among equals the oldest.</summary>
    Priority,
}
