using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Samovar.Cli.Ps;

/// <summary>One run of <c>samovar ps</c>.</summary>
internal static class PsJob
{
    public static async Task<int> ShowAsync(int pid, int most, bool isJson, CancellationToken cancellation)
    {
        RequireOwn(pid);
        var snapshot = await AskedAsync(pid, most, cancellation)
            ?? throw new UsageException($"process {pid} is a .NET program in which no executor of Samovar lives, or lives yet.", ExitCode.NoAnswer);
        Console.Out.Write(isJson ? PsJson.Write(snapshot) + "\n" : PsText.Tree(snapshot));
        return ExitCode.Success;
    }

    public static async Task<int> ListAsync(bool isJson, CancellationToken cancellation)
    {
        // Each is asked on its own: one that hangs holds up no other.
        var asked = await Task.WhenAll(DiagnosticPort.Processes().Where(IsOwn).Where(Peer.MayHaveSamovar).Select(pid => TriedAsync(pid, cancellation)));
        ProcessSnapshot[] snapshots = [.. asked.Select(static one => one.Snapshot).OfType<ProcessSnapshot>()];
        if (isJson) Console.Out.WriteLine(PsJson.Write(snapshots));
        else if (snapshots.Length == 0) Console.Out.WriteLine("No process of yours has an executor of Samovar.");
        else Terminal.Write(console => PsText.List(snapshots, console));
        foreach (var (_, why) in asked.Where(static one => one.Why is not null)) await Console.Error.WriteLineAsync($"samovar: {why}");
        return ExitCode.Success;
    }

    private static async Task<(ProcessSnapshot? Snapshot, string? Why)> TriedAsync(int pid, CancellationToken cancellation)
    {
        try
        {
            return (await InspectionClient.AskAsync(pid, most: 0, cancellation), null);
        }
        catch (NoAnswerException why)
        {
            return (null, IsOwn(pid) ? why.Message : null); // one that has ended meanwhile is not missed
        }
    }

    private static async Task<ProcessSnapshot?> AskedAsync(int pid, int most, CancellationToken cancellation)
    {
        try
        {
            return await InspectionClient.AskAsync(pid, most, cancellation);
        }
        catch (NoAnswerException why)
        {
            throw new UsageException(why.Message, ExitCode.NoAnswer);
        }
    }

    private static bool IsOwn(int pid) => Peer.UserOf(pid.ToString(CultureInfo.InvariantCulture)) is { } user && user == Peer.UserOf("self");

    private static void RequireOwn(int pid)
    {
        if (OperatingSystem.IsWindows()) throw new UsageException("ps asks over Unix domain sockets of the runtime, which Windows has not. It is not there yet.");
        if (!Exists(pid)) throw new UsageException($"there is no process {pid}. 'samovar ps' lists those that can be asked.");
        if (OperatingSystem.IsLinux() && !IsOwn(pid))
            throw new UsageException($"process {pid} belongs to another user (number {Peer.UserOf($"{pid}")}); a process shows its tasks to its own user alone.");
    }

    private static bool Exists(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false; // that is how it is told
        }
        catch (Win32Exception)
        {
            return true; // it is there, and another user's
        }
    }
}
