namespace Samovar;

/// <summary>How far the tasks of a group have come, as a <see cref="Joiner{T, TResult}"/> is asked.</summary>
/// <param name="Started">Tasks given to the group so far.</param>
/// <param name="Succeeded">Those that brought a result.</param>
/// <param name="Failed">Those that threw.</param>
public readonly record struct JoinProgress(int Started, int Succeeded, int Failed);
