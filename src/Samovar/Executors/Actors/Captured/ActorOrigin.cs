namespace Samovar.Executors.Actors.Captured;

/// <summary>What a proxy knows of its actor.</summary>
/// <param name="Name">The actor's name.</param>
/// <param name="Executor">The name of the executor that created it.</param>
/// <param name="Key">See <see cref="IActorAccess{T}.Key"/>.</param>
/// <param name="Port">The port through which calls are made.</param>
internal sealed record ActorOrigin(string Name, string Executor, long Key, long Port);
