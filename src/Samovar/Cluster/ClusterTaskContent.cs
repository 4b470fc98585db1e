namespace Samovar;

/// <summary>A task in a message; see <see cref="ClusterMessageContent"/>. Immutable.</summary>
/// <param name="Id">The id of the task in its executor.</param>
/// <param name="Attempt">The number of the attempt, from 1 on.</param>
/// <param name="Name">The name of the task; null for none.</param>
/// <param name="Size">The size of its work in bytes.</param>
public sealed record ClusterTaskContent(long Id, int Attempt, string? Name, int Size);
