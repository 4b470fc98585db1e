namespace Samovar.Loops.Core;

/// <summary>External work that the program has announced; it counts as in progress until this object is disposed.</summary>
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
