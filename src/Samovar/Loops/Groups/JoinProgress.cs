namespace Samovar;

/// <summary>The progress of a group's tasks, as passed to <see cref="Joiner{T, TResult}.IsDecided"/>.</summary>
/// <param name="Started">The number of tasks added to the group so far.</param>
/// <param name="Succeeded">The number of tasks that returned a result.</param>
/// <param name="Failed">The number of tasks that threw.</param>
public readonly record struct JoinProgress(int Started, int Succeeded, int Failed);
