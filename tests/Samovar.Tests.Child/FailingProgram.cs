using Samovar.Ipc.Channel;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Child;

/// <summary>A worker that cannot come up.</summary>
internal sealed class FailingProgram : WorkerProgram
{
    public FailingProgram()
    {
        Console.Error.WriteLine("about to fail");
        throw new InvalidOperationException("this body never comes up");
    }

    public override int Run(WorkerChannel channel) => 0;
}
