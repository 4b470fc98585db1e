namespace Samovar.Loops.Scheduling;

/// <content>The actors whose calls run on the loop.</content>
internal sealed partial class LoopScheduler
{
    /// <summary>Creates the executor of an actor.</summary>
    public LoopActorScheduler CreateForActor(int concurrency, string name)
    {
        var actor = new LoopActorScheduler(this, concurrency, _options, name);
        lock (_gate) _actors.Add(actor);
        return actor;
    }

    public void RemoveActor(LoopActorScheduler actor)
    {
        lock (_gate) _actors.Remove(actor);
    }

    private LoopActorScheduler[] ListActors()
    {
        lock (_gate) return [.. _actors];
    }
}
