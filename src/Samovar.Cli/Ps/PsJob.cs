using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Samovar.Cli.Ps;

/// <summary>Runs <c>samovar ps</c>.</summary>
internal static class PsJob
{
    public static async Task<int> ShowAsync(int pid, int most, bool isJson, CancellationToken cancellation)
    {
        RequireOwn(pid);
        var snapshot = await AskedAsync(pid, most, cancellation)
            ?? throw new UsageException($"process {pid} is a .NET program without Samovar executors, or has not created one yet.", ExitCode.NoAnswer);
        Console.Out.Write(isJson ? PsJson.Write(snapshot) + "\n" : PsText.Tree(snapshot));
        return ExitCode.Success;
    }

    public static async Task<int> ListAsync(bool isJson, CancellationToken cancellation)
    {
        // Processes are queried concurrently, so one that hangs does not delay the others.
        var asked = await Task.WhenAll(DiagnosticPort.Processes().Where(IsOwn).Where(Peer.MayHaveSamovar).Select(pid => TriedAsync(pid, cancellation)));
        ProcessSnapshot[] snapshots = [.. asked.Select(static one => one.Snapshot).OfType<ProcessSnapshot>()];
        if (isJson) Console.Out.WriteLine(PsJson.Write(snapshots));
        else if (snapshots.Length == 0) Console.Out.WriteLine("None of your processes has a Samovar executor.");
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
            return (null, IsOwn(pid) ? why.Message : null); // a process that has exited meanwhile is no error
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
        if (OperatingSystem.IsWindows())
            throw new UsageException("ps is not supported on Windows: it uses the Unix domain socket of the runtime's diagnostic port.");
        if (!Exists(pid)) throw new UsageException($"there is no process {pid}. 'samovar ps' lists the processes that have executors.");
        if (OperatingSystem.IsLinux() && !IsOwn(pid))
        {
            throw new UsageException(
                $"process {pid} belongs to another user (uid {Peer.UserOf($"{pid}")}). A process can be inspected only by the user that owns it.");
        }
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
            return false; // thrown if there is no such process
        }
        catch (Win32Exception)
        {
            return true; // the process exists, and belongs to another user
        }
    }
}
