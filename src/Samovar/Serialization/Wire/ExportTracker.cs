using Samovar.Serialization.Live;

namespace Samovar.Serialization.Wire;

/// <summary>Records the ports that a message opens and the resources that it keeps, to dispose them if the message is refused. A writer reuses
/// one tracker for all its messages.</summary>
internal sealed class ExportTracker : LiveConnector
{
    private readonly List<IDisposable> _opened = [];
    private LiveConnector? _inner;

    /// <summary>Starts a message.</summary>
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

    internal override LivePort OpenForCalls(LiveCallReceiver receive)
    {
        var port = _inner!.OpenForCalls(receive);
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

    /// <summary>Finishes a message; its ports stay open.</summary>
    public void Forget()
    {
        _inner = null;
        _opened.Clear();
    }
}
