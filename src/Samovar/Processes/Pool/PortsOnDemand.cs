using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>Makes a task's ports when the first live value is met, so that work without any costs nothing.</summary>
internal sealed class PortsOnDemand : LiveConnector
{
    [ThreadStatic]
    private static PortsOnDemand? t_instance;

    private ProcessHost _host = null!;
    private ShipmentPorts? _made;

    /// <summary>This thread's, for one message of one host.</summary>
    public static PortsOnDemand Of(ProcessHost host)
    {
        var instance = t_instance ??= new PortsOnDemand();
        instance._host = host;
        instance._made = null;
        return instance;
    }

    /// <summary>The ports that the message needs; null for none.</summary>
    public ShipmentPorts? Take()
    {
        var made = _made;
        _made = null;
        return made;
    }

    public override LivePort Open(LiveReceiver receive) => (_made ??= new ShipmentPorts(_host)).Open(receive);

    public override LivePort Connect(long id, LiveReceiver receive) =>
        throw new InvalidOperationException("Ports are connected where a message is read.");
}
