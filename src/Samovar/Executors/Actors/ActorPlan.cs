using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>What an actor is made from.</summary>
/// <param name="Owner">The core of the executor that creates it.</param>
/// <param name="Name">The actor's name.</param>
/// <param name="Options">Its options.</param>
/// <param name="Factory">Creates an instance, on the actor's worker.</param>
internal sealed record ActorPlan<T>(ExecutorCore Owner, string Name, ActorOptions Options, Func<T> Factory)
    where T : class
{
    /// <summary>The name of the executor that runs the calls, as it appears in logs and listings.</summary>
    public string FullName => $"{Owner.Name}/{Name}";

    /// <summary>The actor's losses and restarts.</summary>
    public ActorLife Life { get; } = new(Owner, Name, Options.Restart);
}
