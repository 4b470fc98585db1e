using System.Reflection.Metadata;
using Samovar.Processes.Launch;

[assembly: MetadataUpdateHandler(typeof(HotReload))]

namespace Samovar.Processes.Launch;

/// <summary>Warns that worker processes do not have the changes of hot reload (<c>dotnet watch</c>, a debugger): they run the files of the program
/// as they were built. Thread-safe.</summary>
/// <param name="say">Receives the warning.</param>
internal sealed class HotReload(Action<string> say)
{
    private static readonly HotReload s_program = new(Tell);

    private int _hasWorkers; // this process has started a worker
    private int _isUnsaid; // an update was made, and no warning has been written since

    /// <summary>Called by the runtime's hot reload agent after an update.</summary>
    /// <param name="changed">The changed types; null if unknown.</param>
    public static void UpdateApplication(Type[]? changed)
    {
        _ = changed; // unused: a change of any type may affect workers
        s_program.Update();
    }

    /// <summary>Called when this process starts a worker.</summary>
    public static void WorkerStarts() => s_program.Start();

    /// <summary>Called when the program was changed.</summary>
    public void Update()
    {
        Interlocked.Exchange(ref _isUnsaid, 1); // SYNC: update noted
        if (Volatile.Read(ref _hasWorkers) != 0) Say(); // SYNC: worker noted
    }

    /// <summary>Called when a worker is started.</summary>
    public void Start()
    {
        Interlocked.Exchange(ref _hasWorkers, 1); // SYNC: worker noted
        if (Volatile.Read(ref _isUnsaid) != 0) Say(); // SYNC: update noted
    }

    private void Say()
    {
        if (Interlocked.Exchange(ref _isUnsaid, 0) == 0) return;
        say("Samovar: hot reload has changed this program; its worker processes still run the code as it was built. Restart the program to update them.");
    }

    private static void Tell(string line) => LineDelivery.Console.Add(() =>
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // There is no stderr; the program continues without the warning.
        }
    });
}
