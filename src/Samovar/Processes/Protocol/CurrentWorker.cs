namespace Samovar.Processes.Protocol;

/// <summary>What this process knows of itself as a worker. Safe for any thread.</summary>
internal static class CurrentWorker
{
    /// <summary>How deep workers may start workers: deeper is a program that starts itself by mistake.</summary>
    public const int MostDepth = 10;

    private static int s_entered;
    private static int s_depth;
    private static int s_parentId;
    private static Action? s_startCheck;

    /// <summary>Whether this process runs, or ran, a worker's body.</summary>
    public static bool IsWorker => Volatile.Read(ref s_entered) != 0;

    /// <summary>0 in a process that is no worker; see <see cref="WorkerHello.Depth"/>.</summary>
    public static int Depth => Volatile.Read(ref s_depth);

    /// <summary>The process that started this worker; 0 in a process that is none.</summary>
    public static int ParentId => Volatile.Read(ref s_parentId);

    /// <summary>This process begins to be a worker.</summary>
    /// <param name="startCheck">Throws on a thread that must not start workers: see <see cref="ThrowIfInitializing"/>.</param>
    public static void Enter(Action startCheck)
    {
        Volatile.Write(ref s_startCheck, startCheck);
        Interlocked.Exchange(ref s_entered, 1);
    }

    /// <summary>The worker knows which process started it.</summary>
    public static void SetParent(int processId) => Volatile.Write(ref s_parentId, processId);

    /// <summary>The worker knows how deep it is.</summary>
    public static void SetDepth(int depth) => Volatile.Write(ref s_depth, depth);

    /// <summary>Throws in a worker whose thread is inside a type's or module's initializer, or reads a task, from where initializers run first.
    /// The initializer would run again in each worker that it starts, and there start as many: ten deep that is millions of processes.</summary>
    /// <exception cref="WorkerStartException">This is such a thread.</exception>
    public static void ThrowIfInitializing()
    {
        if (Depth != 0) Volatile.Read(ref s_startCheck)?.Invoke();
    }
}
