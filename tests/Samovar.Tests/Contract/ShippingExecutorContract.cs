using System.Runtime.Versioning;

namespace Samovar.Tests.Contract;

/// <summary>What is common to the executors that run work in other processes.</summary>
[SupportedOSPlatform("linux")]
public abstract class ShippingExecutorContract : ExecutorContract, IDisposable
{
    private readonly List<ProcessGate> _gates = [];

    public void Dispose()
    {
        foreach (var gate in _gates) gate.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static ProcessExecutorOptions Options(ContractOptions options) => new()
    {
        Workers = options.Workers,
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
    };

    protected override Gate NewGate()
    {
        var gate = new ProcessGate();
        lock (_gates) _gates.Add(gate);
        return gate;
    }
}
