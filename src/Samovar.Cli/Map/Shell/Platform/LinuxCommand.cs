using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Linux;
using Samovar.Processes.Platform;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>A running command: a process, its group, and descendants that have left the group.</summary>
/// <remarks>Signals are sent under <see cref="_gate"/> and only while the process is not reaped: until then neither its id nor its group's id can be
/// reused.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class LinuxCommand
{
    private const int SigCont = 18;
    private const int Killed = 2;
    private const int Dumped = 3;
    private const int UsageSize = 18; // struct rusage: two timevals, fourteen longs

    private readonly Lock _gate = new();
    private readonly int _id;
    private List<LinuxStray>? _strays; // gate: descendants outside the group when it was terminated; null before that
    private bool _isReaped; // gate

    public unsafe LinuxCommand(int processId)
    {
        _id = processId;
        Pidfd = OpenPidfd(processId);
        if (Pidfd >= 0) return;
        IOException failure = LinuxMemory.Failure("pidfd_open");
        _ = kill(-processId, SigKill);
        while (waitpid(processId, null, 0) < 0 && Marshal.GetLastPInvokeError() == Eintr) continue;
        throw new CommandStartException($"it could not be watched: {failure.Message}", cannotRun: false);
    }

    /// <summary>A descriptor that is ready when the process has exited.</summary>
    public int Pidfd { get; }

    /// <summary>Sends SIGTERM to the whole tree, and SIGKILL after <see cref="CommandStart.Grace"/>. Does nothing after the first call.</summary>
    public void Terminate()
    {
        lock (_gate)
        {
            if (_isReaped || _strays is not null) return;
            _strays = LinuxStray.Below(_id);
            LinuxProcessTree.Signal(_id, LinuxProcessMark.None, SigTerm);
            _ = kill(-_id, SigCont); // stopped processes would not notice
        }

        _ = KillLaterAsync();
    }

    /// <summary>Sends SIGKILL to the whole tree.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            if (!_isReaped) LinuxProcessTree.Kill(_id, LinuxProcessMark.None);
        }
    }

    /// <summary>Reaps the process, which has exited or was killed, and kills what it left behind.</summary>
    public unsafe CommandEnd End(bool timedOut)
    {
        SignalInfo info = default;
        int waited;
        long* usage = stackalloc long[UsageSize];
        lock (_gate)
        {
            // While the dead process is not reaped, no other process can have its group.
            _ = kill(-_id, SigKill);
            foreach (LinuxStray stray in _strays ?? []) stray.Kill();
            while ((waited = Wait(Pidfd, &info, usage)) != 0 && Marshal.GetLastPInvokeError() == Eintr) continue;
            _isReaped = true;
            _ = close(Pidfd);
        }

        if (waited != 0) return new CommandEnd(null, null, timedOut); // ECHILD: this process ignores SIGCHLD, so the kernel has reaped it
        return info.Code is Killed or Dumped ? new CommandEnd(null, info.Status, timedOut) : new CommandEnd(info.Status, null, timedOut);
    }

    private async Task KillLaterAsync()
    {
        await Task.Delay(CommandStart.Grace).ConfigureAwait(false);
        Kill();
    }
}
