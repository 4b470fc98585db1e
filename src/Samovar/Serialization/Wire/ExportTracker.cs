namespace Samovar.Serialization.Wire;

/// <summary>Remembers what one message opened and holds, to give it back if the message is refused. One serves a writer for one message after
/// the other.</summary>
internal sealed class ExportTracker : LiveConnector
{
    private readonly List<IDisposable> _opened = [];
    private LiveConnector? _inner;

    /// <summary>Begins a message.</summary>
    public ExportTracker Of(LiveConnector inner)
    {
        _inner = inner;
        return this;
    }

    public override LivePort Open(LiveReceiver receive)
    {
        var port = _inner!.Open(receive);
        _opened.Add(port);
        return port;
    }

    public override void Keep(IDisposable resource)
    {
        _inner!.Keep(resource);
        _opened.Add(resource);
    }

    public override LivePort Connect(long id, LiveReceiver receive) => _inner!.Connect(id, receive);

    public void Revoke()
    {
        foreach (var resource in _opened) resource.Dispose();
        _opened.Clear();
    }

    /// <summary>Ends a message; what it opened stays open.</summary>
    public void Forget()
    {
        _inner = null;
        _opened.Clear();
    }
}
