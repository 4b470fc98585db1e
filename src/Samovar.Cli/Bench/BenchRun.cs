using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samovar.Cli.Bench;

/// <summary>The runner, as a child: its lines as they come, and its end. Ctrl-C and SIGTERM end it, and with it all sides; so does the end of this process.</summary>
internal sealed class BenchRun : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _signals;
    private int _signal;

    public BenchRun() => _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];

    /// <summary>Trips with the first signal.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>The exit code of a command that a signal has ended.</summary>
    public int Ended => Volatile.Read(ref _signal) == (int)PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Interrupted;

    /// <summary>Runs it to its end.</summary>
    /// <param name="runner">The built Samovar.Benchmarks.dll.</param>
    /// <param name="arguments">Its own.</param>
    /// <param name="said">Takes each line of its output.</param>
    /// <returns>The exit code of this command.</returns>
    public async Task<int> RunAsync(string runner, IReadOnlyList<string> arguments, Action<string> said)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", runner, .. arguments, "--tied"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true, // its end tells the runner that nobody is left to listen
            RedirectStandardOutput = true,
        };
        start.Environment["SAMOVAR_BENCH_TOOL"] = typeof(BenchRun).Assembly.Location;
        using Process process = Process.Start(start)!;
        using CancellationTokenRegistration ends = Stopped.Register(process.StandardInput.Close);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line) said(line);
        await process.WaitForExitAsync(CancellationToken.None);
        if (Stopped.IsCancellationRequested) return Ended;
        return process.ExitCode is ExitCode.Success or ExitCode.ItemsFailed or ExitCode.Usage or ExitCode.Interrupted
            ? process.ExitCode
            : throw new MistakeException($"the runner of the benchmarks was ended with exit code {process.ExitCode}; nothing of this run is kept. Run it again.", ExitCode.Fault);
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals) signal.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        Interlocked.CompareExchange(ref _signal, (int)context.Signal, 0);
        _stop.Cancel();
    }
}
