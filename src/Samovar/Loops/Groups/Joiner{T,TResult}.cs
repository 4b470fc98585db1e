namespace Samovar;

/// <summary>What a group of tasks is for: when enough of them have ended, and what comes out. A value without a state of its own, to be used again.</summary>
/// <typeparam name="T">The type of the tasks' results.</typeparam>
/// <typeparam name="TResult">The type of what comes out of the group.</typeparam>
public abstract class Joiner<T, TResult>
{
    /// <summary>Asked at each end of a task.</summary>
    /// <returns>True when what is still under way is no longer needed: it is cancelled.</returns>
    public abstract bool IsDecided(JoinProgress progress);

    /// <summary>What comes out, once all tasks have ended. What it throws comes out of the block.</summary>
    /// <param name="outcomes">Those of the tasks that ended by themselves, in the order of their ends; <see cref="Outcome{T}.Index"/> is the place of the
    /// task in the order of starts. Tasks that were cancelled, because the others sufficed, are not among them.</param>
    public abstract TResult Decide(IReadOnlyList<Outcome<T>> outcomes);
}
