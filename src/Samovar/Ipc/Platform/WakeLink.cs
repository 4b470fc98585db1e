namespace Samovar.Ipc.Platform;

/// <summary>What carries wake-ups between a parent and one worker, and may notice the other's end.</summary>
internal abstract class WakeLink : IDisposable
{
    /// <summary>Completes when the peer is gone, where this kind of link can tell; otherwise never.</summary>
    public virtual Task PeerGone { get; } = new TaskCompletionSource().Task;

    /// <summary>A ringer for the peer's bell.</summary>
    public abstract unsafe DoorbellRinger CreateRinger(uint* word);

    public virtual void Dispose()
    {
    }
}
