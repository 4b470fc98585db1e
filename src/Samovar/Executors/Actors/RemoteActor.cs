namespace Samovar.Executors.Actors;

/// <summary>The beginning and the end of an actor in its worker process, as they are sent there.</summary>
/// <param name="key">The actor's key.</param>
/// <param name="name">The actor's name.</param>
/// <param name="executor">The name of the executor that creates the actor.</param>
/// <param name="factory">Creates the instance.</param>
/// <param name="initializer">The executor's own initializer, which runs first; null for none.</param>
internal sealed class RemoteActor<T>(long key, string name, string executor, Func<T> factory, Action? initializer) : IActorBeginning
    where T : class
{
    private static long s_lastKey = Random.Shared.NextInt64(); // an actor of a worker process may live next to those of its parent, so keys of two processes differ

    public static long NewKey() => Interlocked.Increment(ref s_lastKey);

    /// <summary>Runs the initializer and creates the instance.</summary>
    public void Begin()
    {
        try
        {
            initializer?.Invoke();
        }
        catch (Exception error)
        {
            // Passed on as what it is for each worker of the executor.
            throw new WorkerInitializationException(executor, $"{executor}/{name} #1", error);
        }

        ActorInstances.Set(key, factory() ?? throw ActorInstances.NoInstance(name));
    }
}

/// <summary>The end of an actor in its worker process, as it is sent there.</summary>
internal sealed class RemoteActorEnd(long key)
{
    public Task RunAsync() => ActorInstances.EndAsync(key);
}
