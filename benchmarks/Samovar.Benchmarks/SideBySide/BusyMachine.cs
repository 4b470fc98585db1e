namespace Samovar.Benchmarks.SideBySide;

/// <summary>Keeps the processors busy: one thread that computes for each, at normal priority, as another program's work would.</summary>
internal sealed class BusyMachine : IDisposable
{
    private readonly Thread[] _threads;
    private bool _isOver;

    private BusyMachine(int threads)
    {
        _threads = [.. Enumerable.Range(1, threads).Select(number => new Thread(Compute) { IsBackground = true, Name = $"busy {number}" })];
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <summary>Starts one busy thread for each processor that this process may use.</summary>
    public static BusyMachine Start() => new(Environment.ProcessorCount);

    public void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Compute()
    {
        double sum = 1;
        while (!Volatile.Read(ref _isOver)) sum = Math.Sqrt(sum + 1);
        GC.KeepAlive(sum);
    }
}
