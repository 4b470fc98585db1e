namespace Samovar;

/// <summary>What a host keeps of a task beside the future itself, such as its work as bytes. Let go of when the task has ended.</summary>
internal abstract class HostItem
{
    /// <summary>The task has ended, or never came to be. Called once, by whoever ended it: be quick, do not throw.</summary>
    public abstract void Release();

    /// <summary>Stands where the item of a task that has ended stood: one that comes later is let go of at once.</summary>
    public static HostItem Released { get; } = new Nothing();

    private sealed class Nothing : HostItem
    {
        public override void Release()
        {
        }
    }
}
