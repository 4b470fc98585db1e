using System.Reflection.Metadata;
using Samovar.Processes.Launch;

[assembly: MetadataUpdateHandler(typeof(HotReload))]

namespace Samovar.Processes.Launch;

/// <summary>Says that worker processes do not have what hot reload (<c>dotnet watch</c>, a debugger) has changed: they run the files of the program, which
/// stay as they were built. Safe for any thread.</summary>
/// <param name="say">Gets the line.</param>
internal sealed class HotReload(Action<string> say)
{
    private static readonly HotReload s_program = new(Tell);

    private int _hasWorkers; // this process has started one
    private int _isUnsaid; // something was changed, and no line has said so since

    /// <summary>Called by the runtime's agent for hot reload after an update.</summary>
    /// <param name="changed">The types with changes; null where they are not known.</param>
    public static void UpdateApplication(Type[]? changed)
    {
        _ = changed; // a method that a changed type calls may matter as well
        s_program.Update();
    }

    /// <summary>A worker is started by this process.</summary>
    public static void WorkerStarts() => s_program.Start();

    /// <summary>The program was changed.</summary>
    public void Update()
    {
        Interlocked.Exchange(ref _isUnsaid, 1); // SYNC: update noted
        if (Volatile.Read(ref _hasWorkers) != 0) Say(); // SYNC: worker noted
    }

    /// <summary>A worker starts.</summary>
    public void Start()
    {
        Interlocked.Exchange(ref _hasWorkers, 1); // SYNC: worker noted
        if (Volatile.Read(ref _isUnsaid) != 0) Say(); // SYNC: update noted
    }

    private void Say()
    {
        if (Interlocked.Exchange(ref _isUnsaid, 0) == 0) return;
        say("Samovar: hot reload has changed this program; its worker processes go on with the code that was built. Restart the program to change them too.");
    }

    private static void Tell(string line) => LineDelivery.Console.Add(() =>
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // There is no stderr; the program goes on as it would have.
        }
    });
}
