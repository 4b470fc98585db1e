namespace Samovar;

/// <summary>A thread that blocks until a future has ended.</summary>
internal sealed class BlockingCompletion : Completion
{
    // SpinCount 0: whoever waits here has spun before. Never disposed: it holds no handle unless somebody asks for one.
    private readonly ManualResetEventSlim _ended = new(initialState: false, spinCount: 0);

    public override void Signal(Future future) => _ended.Set();

    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken) => _ended.Wait(timeout, cancellationToken);
}
