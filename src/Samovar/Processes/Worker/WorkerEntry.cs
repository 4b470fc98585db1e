using System.Diagnostics.CodeAnalysis;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>The entry point of Samovar.dll: workers start here, under the runtime configuration of their program.</summary>
internal static class WorkerEntry
{
    private const string Started = "Only ProcessExecutor and ChildProcess start workers, and their constructors and methods carry the warnings.";

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Started)]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = Started)]
    private static int Main()
    {
        if (WorkerInvitation.OfThisProcess() is { } invitation)
            return WorkerRuntime.Run(invitation);

        Console.Error.WriteLine(
            """
            Samovar.dll is a library. Its entry point is for the worker processes that ProcessExecutor and ChildProcess start;
            it cannot be run directly. The command-line program is 'samovar'.
            """);
        return 2;
    }
}
