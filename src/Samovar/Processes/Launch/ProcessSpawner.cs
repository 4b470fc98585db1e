using System.Collections.Concurrent;
using Samovar.Processes.Platform;

namespace Samovar.Processes.Launch;

/// <summary>The one thread that starts processes; it runs as long as this process.</summary>
/// <remarks>
/// A parent-death signal, if it is the only means, is sent when the *thread* that started the child exits: started from a pool thread, workers
/// would be killed at random times.
/// </remarks>
internal sealed class ProcessSpawner
{
    private static readonly Lock s_gate = new();
    private static ProcessSpawner? s_instance; // gate

    private readonly BlockingCollection<Request> _requests = [];

    private ProcessSpawner()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "Samovar process spawner" };
        LibraryThread.Start(thread);
    }

    /// <summary>The spawner of this process. If it cannot be started, the next call tries again.</summary>
    /// <exception cref="IOException">The system cannot create a thread.</exception>
    public static ProcessSpawner Instance
    {
        get
        {
            lock (s_gate) return s_instance ??= new ProcessSpawner();
        }
    }

    /// <summary>Starts a process; completes when the process exists, usually after about a millisecond.</summary>
    public Task<WorkerProcess> StartAsync(Func<WorkerProcess> start)
    {
        var started = new TaskCompletionSource<WorkerProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Add(new Request(start, started));
        return started.Task;
    }

    private void Run()
    {
        foreach (Request request in _requests.GetConsumingEnumerable())
        {
            try
            {
                request.Started.SetResult(request.Start());
            }
            catch (Exception e)
            {
                request.Started.SetException(e);
            }
        }
    }

    // A class, because the runtime has the code of collections of references; that of collections of this structure would be compiled at run time,
    // while the first worker starts.
    private sealed class Request(Func<WorkerProcess> start, TaskCompletionSource<WorkerProcess> started)
    {
        public Func<WorkerProcess> Start => start;

        public TaskCompletionSource<WorkerProcess> Started => started;
    }
}
