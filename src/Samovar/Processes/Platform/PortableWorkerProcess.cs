using System.ComponentModel;
using System.Diagnostics;

namespace Samovar.Processes.Platform;

/// <summary>
/// A process that <see cref="Process"/> started. It reports a signal as exit code 128 + number, which is converted back here.
/// </summary>
internal sealed class PortableWorkerProcess : WorkerProcess
{
    private const int FirstSignalCode = 128;
    private const int LastSignalCode = 128 + 64;

    /// <summary>How often a process is polled while its output is not read because the backlog is full.</summary>
    private static readonly TimeSpan s_fullPoll = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;

    private PortableWorkerProcess(ProcessStartSpec spec, Process process)
        : base(spec)
    {
        _process = process;
        Id = process.Id;
    }

    public override int Id { get; }

    public static PortableWorkerProcess Start(ProcessStartSpec spec)
    {
        var start = new ProcessStartInfo(spec.FileName, spec.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in spec.Environment) start.Environment[name] = value;

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{spec.FileName} could not be started: {e.Message} ({e.NativeErrorCode}). " +
                "Limits on descriptors (ulimit -n), on processes (ulimit -u, pids.max) and on memory are possible causes.", e);
        }

        process.StandardInput.Close();
        SetPlace(process, spec);
        var worker = new PortableWorkerProcess(spec, process);
        _ = worker.RunAsync();
        return worker;
    }

    public static void KillDescendants(Process process)
    {
        if (OperatingSystem.IsLinux())
        {
            foreach (int descendant in LinuxProcessTree.Descendants(process.Id))
                _ = LinuxProcessCalls.kill(descendant, LinuxProcessCalls.SigKill);
        }
    }

    public override void Terminate()
    {
        if (OperatingSystem.IsLinux())
        {
            if (!_process.HasExited)
            {
                foreach (int descendant in (int[])[Id, .. LinuxProcessTree.Descendants(Id)])
                    _ = LinuxProcessCalls.kill(descendant, LinuxProcessCalls.SigTerm);
            }
        }
        else
        {
            Kill(); // there is no such signal
        }
    }

    public override void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // The process has exited meanwhile, which is the purpose of the call; Exited completes.
        }
    }

    private static void SetPlace(Process process, ProcessStartSpec spec)
    {
        if (spec.Niceness > 0)
            process.PriorityClass = spec.Niceness > 10 ? ProcessPriorityClass.Idle : ProcessPriorityClass.BelowNormal;
        if (spec.ProcessorAffinity.Count > 0 && (OperatingSystem.IsWindows() || OperatingSystem.IsLinux()))
            process.ProcessorAffinity = (nint)spec.ProcessorAffinity.Aggregate(0L, (mask, core) => mask | (1L << core));
    }

    private async Task RunAsync()
    {
        Task output = DrainAsync(_process.StandardOutput.BaseStream, OutputSource.Output);
        Task errors = DrainAsync(_process.StandardError.BaseStream, OutputSource.Error);
        while (!_process.HasExited) await WaitForEndAsync().ConfigureAwait(false);

        // Surviving processes may keep the pipes open: only output that is already there is passed on.
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromMilliseconds(200))).ConfigureAwait(false);
        int code = _process.ExitCode;
        await _process.StandardOutput.BaseStream.DisposeAsync().ConfigureAwait(false);
        await _process.StandardError.BaseStream.DisposeAsync().ConfigureAwait(false);
        HasEnded(!OperatingSystem.IsWindows() && code is > FirstSignalCode and <= LastSignalCode
            ? new ProcessExit(null, code - FirstSignalCode, 0)
            : new ProcessExit(code, null, 0));
    }

    // Process.WaitForExitAsync also waits for the end of the pipes, which surviving processes can delay indefinitely.
    private async Task WaitForEndAsync()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => ended.TrySetResult();
        if (!_process.HasExited) await ended.Task.ConfigureAwait(false);
    }

    private async Task DrainAsync(Stream stream, OutputSource source)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int got;
            while ((got = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Received(source, buffer.AsSpan(0, got));
                while (Backlog is { IsFull: true } && !_process.HasExited) await Task.Delay(s_fullPoll).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe broke, so that no more output can come from it.
        }
    }
}
