using System.Globalization;

namespace Samovar.Cli.Attaching;

/// <summary>Describes how a process ended that is not a child of this one, as far as the system reports that.</summary>
internal sealed class ProcessExit : IDisposable
{
    private static readonly TimeSpan s_timeToExit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly int _pid;
    private readonly ProcessHandle? _handle;

    private ProcessExit(int pid)
    {
        _pid = pid;
        _handle = OperatingSystem.IsLinux() ? ProcessHandle.Open(pid) : null;
    }

    /// <summary>Prepares to describe the exit of a process that runs.</summary>
    public static ProcessExit Of(int pid) => new(pid);

    /// <summary>Describes the exit of the process, which has closed its connection; returns null if it still runs a few seconds later.</summary>
    /// <param name="said">What the process said when it exited; null if nothing.</param>
    /// <param name="cancellation">Stops waiting for the exit.</param>
    public async Task<string?> DescribeAsync(WatchEnd? said, CancellationToken cancellation)
    {
        if (said is not null) return Describe(said.ExitCode << 8);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_timeToExit);
        using var timer = new PeriodicTimer(s_pause);
        try
        {
            do
            {
                if (_handle?.ReadExitStatus() is { } status) return Describe(status);
                if (!TargetProcess.Exists(_pid)) return "was killed, or crashed";
            }
            while (await timer.WaitForNextTickAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It still runs.
        }

        return null;
    }

    public void Dispose() => _handle?.Dispose();

    /// <summary>Describes a status as waitpid returns it.</summary>
    public static string Describe(int status)
    {
        const int signalBits = 0x7f, codeShift = 8;
        int signal = status & signalBits;
        return signal == 0
            ? string.Create(CultureInfo.InvariantCulture, $"exited with code {status >> codeShift}")
            : string.Create(CultureInfo.InvariantCulture, $"was terminated by signal {signal}{NameOf(signal)}");
    }

    private static string NameOf(int signal) => signal switch
    {
        2 => " (SIGINT)",
        4 => " (SIGILL)",
        6 => " (SIGABRT: a crash, or an unhandled exception)",
        7 => " (SIGBUS)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    };
}
