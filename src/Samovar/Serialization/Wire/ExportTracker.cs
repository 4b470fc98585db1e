namespace Samovar.Serialization.Wire;

/// <summary>Remembers the ports that one message opened, to close them if the message is refused.</summary>
internal sealed class ExportTracker(LiveConnector inner) : LiveConnector
{
    private readonly List<LivePort> _opened = [];

    public override LivePort Open(LiveReceiver receive)
    {
        var port = inner.Open(receive);
        _opened.Add(port);
        return port;
    }

    public override LivePort Connect(long id, LiveReceiver receive) => inner.Connect(id, receive);

    public void Revoke()
    {
        foreach (var port in _opened)
            port.Dispose();
        _opened.Clear();
    }
}
