namespace Samovar.Tasks.Core;

/// <summary>What keeps track of work that code has under way elsewhere: an event loop in virtual time, whose clock must not jump while there is any
/// elsewhere. Flows with the execution context.</summary>
internal abstract class ExternalWorkTracker
{
    private static readonly AsyncLocal<ExternalWorkTracker?> s_current = new(Changed);

    /// <summary>The tracker of the code at hand; null for most.</summary>
    public static ExternalWorkTracker? Current => s_current.Value;

    /// <summary>Whether this is the tracker's own thread.</summary>
    protected abstract bool IsOnOwnThread { get; }

    /// <summary>The tracker that has to know what this executor does for the code at hand; null where there is none, or where the executor is its own.</summary>
    public static ExternalWorkTracker? CurrentFor(ExecutorCore core) => s_current.Value is { } tracker && !tracker.Owns(core) ? tracker : null;

    /// <summary>Tells the tracker that the executor begins something for the code at hand. Null where there is no tracker.</summary>
    public static ExternalWorkTracker? TrackExternal(ExecutorCore core)
    {
        var tracker = CurrentFor(core);
        tracker?.BeginExternal();
        return tracker;
    }

    /// <summary>Awaits what an executor does for this code, and lets the tracker know.</summary>
    public static Task TrackExternalAsync(ExecutorCore core, Task work) => CurrentFor(core) is { } tracker ? tracker.AwaitAsync(work) : work;

    /// <summary>Awaits what no executor does, such as the end of a child process, and lets the tracker know.</summary>
    public static Task TrackExternalAsync(Task work) => s_current.Value is { } tracker ? tracker.AwaitAsync(work) : work;

    /// <inheritdoc cref="TrackExternalAsync(ExecutorCore, Task)"/>
    public static async Task<T> TrackExternalAsync<T>(ExecutorCore core, Task<T> work)
    {
        await TrackExternalAsync(core, (Task)work).ConfigureAwait(true);
        return await work.ConfigureAwait(true);
    }

    /// <summary>Work elsewhere begins that will come back. From any thread.</summary>
    public abstract void BeginExternal();

    /// <summary>It has come back: whoever waits for it has been told. From any thread.</summary>
    public abstract void EndExternal();

    /// <summary>From here on code that this one starts belongs to it.</summary>
    protected void SetCurrent() => s_current.Value = this;

    /// <summary>Whether the tracker runs the tasks of this executor itself.</summary>
    protected abstract bool Owns(ExecutorCore core);

    /// <summary>Another thread begins to run code that belongs here.</summary>
    protected abstract void Entered();

    /// <summary>It has stopped.</summary>
    protected abstract void Left();

    private static void Changed(AsyncLocalValueChangedArgs<ExternalWorkTracker?> change)
    {
        // Also where a loop settles inside the flow of another: from there on the thread is the inner one's.
        if (change.PreviousValue is { IsOnOwnThread: false } left) left.Left();
        if (change.CurrentValue is { IsOnOwnThread: false } entered) entered.Entered();
    }

    private async Task AwaitAsync(Task work)
    {
        BeginExternal();
        try
        {
            await work.ConfigureAwait(true);
        }
        finally
        {
            EndExternal();
        }
    }
}
