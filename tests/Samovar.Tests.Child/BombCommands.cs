using System.Runtime.CompilerServices;

namespace Samovar.Tests.Child;

/// <summary>The mistake of programs that start workers where something is initialized: each worker initializes it too.</summary>
internal static class BombCommands
{
    /// <summary>Names the file that every process adds its line to, and arms the module's initializer.</summary>
    private const string ModuleVariable = "SAMOVAR_TEST_MODULE_BOMB";

    /// <summary>The same for a type's.</summary>
    private const string TypeVariable = "SAMOVAR_TEST_TYPE_BOMB";

    /// <summary>Without protection it ends here: the tests' machine is to survive them.</summary>
    private const int MostProcesses = 30;

    [ModuleInitializer]
    internal static void InitializeModule()
    {
        if (Environment.GetEnvironmentVariable(ModuleVariable) is { } file) StartWorkers(file, static i => i);
    }

    /// <summary>Uses the type.</summary>
    public static int Type()
    {
        Console.WriteLine(Bomb.Sum);
        return 0;
    }

    /// <summary>The same, where optimized code leaves the initializer's frame out.</summary>
    public static int TypeAtItsEnd()
    {
        return EndBomb.Touch(0);
    }

    private static int StartWorkers(string file, Func<int, int> work)
    {
        if (File.Exists(file) && File.ReadAllLines(file).Length >= MostProcesses) Environment.Exit(99);
        File.AppendAllText(file, $"{Environment.ProcessId}\n");
        using var ended = new ManualResetEventSlim();
        var pool = new ProcessExecutor(new() { Workers = 3, Output = WorkerOutput.Discard });
        try
        {
            int sum = pool.MapOutcomes(Enumerable.Range(0, 6), work, new() { BatchSize = 1 }).ToListAsync().AsTask().GetAwaiter().GetResult().Sum(static o => o.Value);
            if (!ProcessWorker.IsWorker) Console.WriteLine($"sum {sum}");
            return sum;
        }
        catch (Exception error) when (!ProcessWorker.IsWorker)
        {
            Console.WriteLine($"failed {error}"); // what the workers say is in it
            return -1;
        }
        finally
        {
            pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static class Bomb
    {
        public static readonly int Sum = StartWorkers(Environment.GetEnvironmentVariable(TypeVariable)!, static i => Sum + i);
    }

    private static class EndBomb
    {
        // Compiled as a program's hottest code is, so that the call takes the place of its caller's frame.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        static EndBomb() => Start();

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public static int Touch(int i) => i;

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Start() => Console.WriteLine(StartWorkers(Environment.GetEnvironmentVariable(TypeVariable)!, Touch));
    }
}
