using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>Makes a task's ports when the first live value is met, so that work without any costs nothing.</summary>
internal sealed class PortsOnDemand : LiveConnector
{
    [ThreadStatic]
    private static PortsOnDemand? t_instance;

    private TaskSerializer _serializer = null!;
    private TaskPorts? _made;

    /// <summary>This thread's, for one message of one executor.</summary>
    public static PortsOnDemand Of(TaskSerializer serializer)
    {
        var instance = t_instance ??= new PortsOnDemand();
        instance._serializer = serializer;
        instance._made = null;
        return instance;
    }

    /// <summary>The ports that the message needs; null for none.</summary>
    public TaskPorts? Take()
    {
        var made = _made;
        _made = null;
        return made;
    }

    public override LivePort Open(LiveReceiver receive) => (_made ??= _serializer.CreatePorts()).Open(receive);

    public override LivePort Connect(long id, LiveReceiver receive) =>
        throw new InvalidOperationException("Ports are connected where a message is read.");
}
