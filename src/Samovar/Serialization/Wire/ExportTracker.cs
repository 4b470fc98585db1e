namespace Samovar.Serialization.Wire;

/// <summary>Remembers what one message opened and holds, to give it back if the message is refused.</summary>
internal sealed class ExportTracker(LiveConnector inner) : LiveConnector
{
    private readonly List<IDisposable> _opened = [];

    public override LivePort Open(LiveReceiver receive)
    {
        var port = inner.Open(receive);
        _opened.Add(port);
        return port;
    }

    public override void Keep(IDisposable resource)
    {
        inner.Keep(resource);
        _opened.Add(resource);
    }

    public override LivePort Connect(long id, LiveReceiver receive) => inner.Connect(id, receive);

    public void Revoke()
    {
        foreach (var port in _opened)
            port.Dispose();
        _opened.Clear();
    }
}
