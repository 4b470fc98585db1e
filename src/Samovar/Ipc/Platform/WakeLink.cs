namespace Samovar.Ipc.Platform;

/// <summary>Carries wake-ups between a parent and one worker, and may detect the peer's exit.</summary>
internal abstract class WakeLink : IDisposable
{
    /// <summary>Completes when the peer has exited, if this kind of link detects that; otherwise never.</summary>
    public virtual Task PeerGone { get; } = new TaskCompletionSource().Task;

    /// <summary>Creates a ringer for the peer's bell.</summary>
    public abstract unsafe DoorbellRinger CreateRinger(uint* word);

    public virtual void Dispose()
    {
    }
}
