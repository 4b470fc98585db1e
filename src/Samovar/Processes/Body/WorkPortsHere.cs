using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>The live values of work that many tasks share, connected to where they came from until the work is forgotten.</summary>
internal sealed class WorkPortsHere(WorkerPorts ports) : LiveConnector
{
    private readonly List<LivePort> _open = [];
    private readonly List<Action> _whenOver = [];

    public bool HasOpen => _open.Count > 0;

    internal override bool EndsWithTask => true;

    internal override void WhenTaskEnds(Action ended) => _whenOver.Add(ended);

    public override LivePort Open(LiveReceiver receive) => ports.Open(receive);

    public override LivePort Connect(long id, LiveReceiver receive)
    {
        var port = ports.ConnectLasting(id, receive);
        _open.Add(port);
        return port;
    }

    public void Close()
    {
        foreach (var port in _open) port.Dispose();
        _open.Clear();
        foreach (var over in _whenOver) over();
        _whenOver.Clear();
    }
}
