namespace Samovar.Tasks.Core;

/// <summary>Where code belongs, wherever it runs: an event loop in virtual time, whose clock must not jump while anything of it is under way
/// elsewhere. Flows with the execution context.</summary>
internal abstract class FlowHome
{
    private static readonly AsyncLocal<FlowHome?> s_current = new(Changed);

    /// <summary>Where the code at hand belongs; null for most.</summary>
    public static FlowHome? Current => s_current.Value;

    /// <summary>Whether this thread is the home's own.</summary>
    protected abstract bool IsAtHome { get; }

    /// <summary>The home that is to know what this host does for the code at hand; null where there is none, or where it is the host's own.</summary>
    public static FlowHome? ToTell(TaskHost host) => s_current.Value is { } home && !home.Owns(host) ? home : null;

    /// <summary>Tells the home that the host begins something for the code at hand. Null when there is no home to tell.</summary>
    public static FlowHome? Announce(TaskHost host)
    {
        var home = ToTell(host);
        home?.OutsideBegins();
        return home;
    }

    /// <summary>Awaits what an executor does for this code, and lets the home know.</summary>
    public static Task AnnouncedAsync(TaskHost host, Task work) => ToTell(host) is { } home ? home.AwaitAsync(work) : work;

    /// <summary>Awaits what no executor does, such as the end of a child process, and lets the home know.</summary>
    public static Task AnnouncedAsync(Task work) => s_current.Value is { } home ? home.AwaitAsync(work) : work;

    /// <inheritdoc cref="AnnouncedAsync(TaskHost, Task)"/>
    public static async Task<T> AnnouncedAsync<T>(TaskHost host, Task<T> work)
    {
        await AnnouncedAsync(host, (Task)work).ConfigureAwait(true);
        return await work.ConfigureAwait(true);
    }

    /// <summary>Work elsewhere begins that will come back. From any thread.</summary>
    public abstract void OutsideBegins();

    /// <summary>It has come back: whoever waits for it has been told. From any thread.</summary>
    public abstract void OutsideEnds();

    /// <summary>From here on code that this one starts belongs to it.</summary>
    protected void Settle() => s_current.Value = this;

    /// <summary>Whether the home runs the tasks of this host itself.</summary>
    protected abstract bool Owns(TaskHost host);

    /// <summary>Another thread begins to run code that belongs here.</summary>
    protected abstract void Entered();

    /// <summary>It has stopped.</summary>
    protected abstract void Left();

    private static void Changed(AsyncLocalValueChangedArgs<FlowHome?> change)
    {
        // Also where a loop settles inside the flow of another: from there on the thread is the inner one's.
        if (change.PreviousValue is { IsAtHome: false } left) left.Left();
        if (change.CurrentValue is { IsAtHome: false } entered) entered.Entered();
    }

    private async Task AwaitAsync(Task work)
    {
        OutsideBegins();
        try
        {
            await work.ConfigureAwait(true);
        }
        finally
        {
            OutsideEnds();
        }
    }
}
