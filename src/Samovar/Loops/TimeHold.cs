namespace Samovar.Loops;

/// <summary>Work elsewhere that a program has announced, until it is disposed.</summary>
internal sealed class TimeHold : IDisposable
{
    private LoopCore? _loop;

    public TimeHold(LoopCore loop)
    {
        _loop = loop;
        loop.OutsideBegins();
    }

    public void Dispose() => Interlocked.Exchange(ref _loop, null)?.OutsideEnds();
}
