using System.Globalization;
using Samovar.Executors.Actors;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Creates actors.</content>
public abstract partial class Executor
{
    private int _actorsCreated;

    /// <summary>Creates an actor: an object that lives on one worker and is used by calls, one at a time.</summary>
    /// <remarks>
    /// <para>Where the object lives depends on the executor: on a <see cref="ThreadExecutor"/> it has a thread of its own, on a
    /// <see cref="ProcessExecutor"/> a worker process of its own, with the options of the executor, in addition to the executor's workers, so that a task
    /// that crashes loses no actor. On an <see cref="EventLoop"/> its calls run on the loop, on an <see cref="InlineExecutor"/> on the calling thread. On
    /// a <see cref="ClusterExecutor"/> it has a worker process of its own on a node, and the creation waits for a node.</para>
    /// <para>The actor ends with the executor: <see cref="ShutdownAsync"/> applies to it after the executor's tasks, and <see cref="DrainAsync"/> waits for
    /// its calls.</para>
    /// </remarks>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="factory">Creates the object, on its worker. It may run again: see <see cref="ActorOptions.Restart"/>.</param>
    /// <param name="options">The name, restart policy and other options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the creation. The actor then ends.</param>
    /// <returns>A task for the actor, which completes when the object exists. If the factory throws, it fails with that exception.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is null.</exception>
    /// <exception cref="NotSupportedException">This executor cannot run an actor with these options; the message says what to do.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="WorkerInitializationException">The initializer of the executor has thrown on the actor's worker.</exception>
    public Task<Actor<T>> CreateActorAsync<T>(Func<T> factory, ActorOptions? options = null, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(factory);
        options ??= ActorOptions.Default;
        if (Core.Counters.IsClosed) throw new ObjectDisposedException(Name, $"Executor '{Name}' has been shut down and creates no more actors.");
        string name = options.Name ?? string.Create(CultureInfo.InvariantCulture, $"{typeof(T).Name.Split('`')[0]}-{Interlocked.Increment(ref _actorsCreated)}");
        return ExternalWorkTracker.TrackExternalAsync(Core, CreateAsync(HostActor(new ActorPlan<T>(Core, name, options, factory)), cancellationToken));
    }

    /// <summary>Prepares the place where an actor lives; refuses options that this executor cannot honour.</summary>
    private protected virtual ActorHost<T> HostActor<T>(ActorPlan<T> plan)
        where T : class =>
        throw new NotSupportedException(
            $"Executor '{Name}' cannot run actors: its workers do not keep objects between tasks. Create actor '{plan.Name}' on a ProcessExecutor or a ThreadExecutor.");

    private async Task<Actor<T>> CreateAsync<T>(ActorHost<T> host, CancellationToken cancellationToken)
        where T : class
    {
        bool isCreated = false;
        try
        {
            Core.AddMember(host);
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            isCreated = true;
            return new Actor<T>(this, host);
        }
        finally
        {
            if (!isCreated) await host.EndAsync(ShutdownMode.Kill, Core.CancellationGrace).ConfigureAwait(false);
        }
    }
}
