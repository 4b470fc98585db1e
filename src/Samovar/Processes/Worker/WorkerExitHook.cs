using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Worker;

/// <summary>Runs the exit hook of a worker process on its main thread, and sends what it returns.</summary>
internal static class WorkerExitHook
{
    /// <param name="message">The hook, as the executor has sent it.</param>
    /// <param name="reader">Reads the hook.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="definitionsError">Why definitions could not be read; null if all could.</param>
    /// <param name="results">Sends the result.</param>
    public static void Run(byte[] message, ShippingReader reader, WorkerIdentity worker, Exception? definitionsError, ResultWriter results)
    {
        (object? Value, Exception? Error) result;
        try
        {
            if (definitionsError is not null) throw definitionsError;
            result = ExitResults.Call(TaskReading.ReadExitHook(reader, message), worker);
        }
        catch (Exception error)
        {
            result = (null, error); // the hook cannot be read
        }

        results.WriteExited(result.Value, result.Error);
    }
}
