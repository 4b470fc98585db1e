namespace Samovar.Processes.Protocol;

/// <summary>The state of this process as a worker. Thread-safe.</summary>
internal static class CurrentWorker
{
    /// <summary>How deep workers may start workers: a deeper nesting means that a program starts itself by mistake.</summary>
    public const int MostDepth = 10;

    private static int s_entered;
    private static int s_depth;
    private static int s_parentId;
    private static Action? s_startCheck;

    /// <summary>Whether this process is running, or has run, a worker's program.</summary>
    public static bool IsWorker => Volatile.Read(ref s_entered) != 0;

    /// <summary>The nesting depth of this worker, see <see cref="WorkerHello.Depth"/>; 0 in a process that is no worker.</summary>
    public static int Depth => Volatile.Read(ref s_depth);

    /// <summary>The id of the process that started this worker; 0 in a process that is no worker.</summary>
    public static int ParentId => Volatile.Read(ref s_parentId);

    /// <summary>Marks this process as a worker.</summary>
    /// <param name="startCheck">Throws on a thread that must not start workers: see <see cref="ThrowIfInitializing"/>.</param>
    public static void Enter(Action startCheck)
    {
        Volatile.Write(ref s_startCheck, startCheck);
        Interlocked.Exchange(ref s_entered, 1);
    }

    /// <summary>Sets the id of the process that started this worker.</summary>
    public static void SetParent(int processId) => Volatile.Write(ref s_parentId, processId);

    /// <summary>Sets the nesting depth of this worker.</summary>
    public static void SetDepth(int depth) => Volatile.Write(ref s_depth, depth);

    /// <summary>Throws in a worker if the thread is running the initializer of a type or module, or is reading a task, which runs initializers
    /// first. The initializer would run again in each worker that it starts, and start as many there: at a depth of ten that is millions of
    /// processes.</summary>
    /// <exception cref="WorkerStartException">The thread is running an initializer or reading a task.</exception>
    public static void ThrowIfInitializing()
    {
        if (Depth != 0) Volatile.Read(ref s_startCheck)?.Invoke();
    }
}
