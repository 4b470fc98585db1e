namespace Samovar.Tasks.Core;

/// <summary>Tracks work that code has in flight elsewhere. Implemented by a virtual-time event loop, whose clock must not advance while
/// such work is in flight. Flows with the execution context.</summary>
internal abstract class ExternalWorkTracker
{
    private static readonly AsyncLocal<ExternalWorkTracker?> s_current = new(Changed);

    /// <summary>The tracker of the calling code; null for code outside a virtual-time loop.</summary>
    public static ExternalWorkTracker? Current => s_current.Value;

    /// <summary>Whether the calling thread is the tracker's own thread.</summary>
    protected abstract bool IsOnOwnThread { get; }

    /// <summary>Returns the tracker that must be notified of what this executor does for the calling code; null if no tracker is current, or
    /// if it runs the tasks of this executor itself.</summary>
    public static ExternalWorkTracker? CurrentFor(ExecutorCore core) => s_current.Value is { } tracker && !tracker.Owns(core) ? tracker : null;

    /// <summary>Notifies the tracker that the executor begins work for the calling code. Returns null if there is no tracker.</summary>
    public static ExternalWorkTracker? TrackExternal(ExecutorCore core)
    {
        var tracker = CurrentFor(core);
        tracker?.BeginExternal();
        return tracker;
    }

    /// <summary>Awaits work that an executor does for the calling code, and notifies the tracker.</summary>
    public static Task TrackExternalAsync(ExecutorCore core, Task work) => CurrentFor(core) is { } tracker ? tracker.AwaitAsync(work) : work;

    /// <summary>Awaits work outside any executor, such as the exit of a child process, and notifies the tracker.</summary>
    public static Task TrackExternalAsync(Task work) => s_current.Value is { } tracker ? tracker.AwaitAsync(work) : work;

    /// <inheritdoc cref="TrackExternalAsync(ExecutorCore, Task)"/>
    public static async Task<T> TrackExternalAsync<T>(ExecutorCore core, Task<T> work)
    {
        await TrackExternalAsync(core, (Task)work).ConfigureAwait(true);
        return await work.ConfigureAwait(true);
    }

    /// <summary>Records that work begins elsewhere whose completion will return to the tracker's code. May be called on any
    /// thread.</summary>
    public abstract void BeginExternal();

    /// <summary>Records that the work has completed and its waiters have been signalled. May be called on any thread.</summary>
    public abstract void EndExternal();

    /// <summary>Makes this the tracker of the calling code and of code that it starts from now on.</summary>
    protected void SetCurrent() => s_current.Value = this;

    /// <summary>Whether the tracker runs the tasks of this executor itself.</summary>
    protected abstract bool Owns(ExecutorCore core);

    /// <summary>Called when another thread starts to run code that belongs to this tracker.</summary>
    protected abstract void Entered();

    /// <summary>Called when that thread stops running such code.</summary>
    protected abstract void Left();

    private static void Changed(AsyncLocalValueChangedArgs<ExternalWorkTracker?> change)
    {
        // This also happens if a loop starts inside the flow of another loop: the thread then belongs to the inner loop.
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
