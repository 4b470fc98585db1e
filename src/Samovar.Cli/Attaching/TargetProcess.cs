using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Samovar.Cli.Attaching;

/// <summary>The process that a command inspects: whether it exists, and belongs to this user.</summary>
internal static class TargetProcess
{
    /// <summary>Requires a process that this user may inspect.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="command">The command, for the error.</param>
    /// <exception cref="UsageException">There is no such process, or it belongs to another user, or this is Windows.</exception>
    public static void Require(int pid, string command)
    {
        if (OperatingSystem.IsWindows())
            throw new UsageException($"{command} is not supported on Windows: it uses the Unix domain socket of the runtime's diagnostic port.");
        if (!Exists(pid)) throw new UsageException($"there is no process {pid}. 'samovar ps' lists the processes that have executors.");
        if (OperatingSystem.IsLinux() && !IsOwn(pid))
        {
            throw new UsageException(
                $"process {pid} belongs to another user (uid {Peer.UserOf($"{pid}")}). A process can be inspected only by the user that owns it.");
        }
    }

    /// <summary>Returns whether the process exists and belongs to this user.</summary>
    public static bool IsOwn(int pid) => Peer.UserOf(pid.ToString(CultureInfo.InvariantCulture)) is { } user && user == Peer.UserOf("self");

    /// <summary>Returns whether the process exists.</summary>
    public static bool Exists(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false; // thrown if there is no such process
        }
        catch (Win32Exception)
        {
            return true; // the process exists, and belongs to another user
        }
    }
}
