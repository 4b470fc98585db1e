namespace Samovar.Loops.Core;

/// <summary>Work elsewhere that a program has announced, until it is disposed.</summary>
internal sealed class TimeHold : IDisposable
{
    private LoopExternalWork? _work;

    public TimeHold(LoopCore loop)
    {
        _work = loop.ExternalWork;
        _work.BeginExternal();
    }

    public void Dispose() => Interlocked.Exchange(ref _work, null)?.EndExternal();
}
