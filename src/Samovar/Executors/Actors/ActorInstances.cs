using System.Collections.Concurrent;

namespace Samovar.Executors.Actors;

/// <summary>The instances of the actors that live in this process as a worker, by their keys. Thread-safe.</summary>
internal static class ActorInstances
{
    private static readonly ConcurrentDictionary<long, object> s_instances = [];

    /// <summary>Returns the instance of an actor.</summary>
    /// <exception cref="ObjectDisposedException">The actor was disposed.</exception>
    public static T Get<T>(long key)
        where T : class =>
        s_instances.TryGetValue(key, out object? instance)
            ? (T)instance
            : throw new ObjectDisposedException(typeof(T).Name, $"The actor with an instance of {typeof(T).Name} has been disposed and accepts no more calls.");

    public static bool Has(long key) => s_instances.ContainsKey(key);

    public static void Set(long key, object instance) => s_instances[key] = instance;

    /// <summary>Disposes the instance of an actor, if there is one.</summary>
    public static Task EndAsync(long key) => s_instances.TryRemove(key, out object? instance) ? DisposeAsync(instance) : Task.CompletedTask;

    /// <summary>Disposes an instance on the calling thread, and where its asynchronous disposal continues.</summary>
    public static async Task DisposeAsync(object instance)
    {
        if (instance is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync().ConfigureAwait(true);
        else (instance as IDisposable)?.Dispose();
    }

    public static InvalidOperationException NoInstance(string actor) => new($"The factory of actor '{actor}' returned null. It must return an instance.");
}
