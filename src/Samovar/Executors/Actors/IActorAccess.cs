using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>What an <see cref="Actor{T}"/> calls: the host of the actor, or its proxy in another process. Thread-safe.</summary>
/// <typeparam name="T">The type of the instance.</typeparam>
internal interface IActorAccess<T>
    where T : class
{
    /// <summary>The actor's name.</summary>
    string Name { get; }

    /// <summary>The name of the executor that created the actor.</summary>
    string ExecutorName { get; }

    /// <summary>Identifies the instance in the worker process in which it lives; 0 if it lives in the process that created it.</summary>
    long Key { get; }

    Future Call(Delegate call, DelegateKind kind, TaskOptions? options);

    Future<TResult> Call<TResult>(Delegate call, DelegateKind kind, TaskOptions? options);

    Task DrainAsync(CancellationToken cancellationToken);

    ActorStatistics GetStatistics();

    Task DisposeAsync();
}
