using Samovar.Cli.Attaching;

namespace Samovar.Cli.Ps;

/// <summary>Runs <c>samovar ps</c>.</summary>
internal static class PsJob
{
    public static async Task<int> ShowAsync(int pid, int most, bool isJson, CancellationToken cancellation)
    {
        TargetProcess.Require(pid, "ps");
        var snapshot = await AskedAsync(pid, most, cancellation)
            ?? throw new UsageException($"process {pid} is a .NET program without Samovar executors, or has not created one yet.", ExitCode.NoAnswer);
        Console.Out.Write(isJson ? PsJson.Write(snapshot) + "\n" : PsText.Tree(snapshot));
        return ExitCode.Success;
    }

    public static async Task<int> ListAsync(bool isJson, CancellationToken cancellation)
    {
        var (snapshots, errors) = await FindAsync(cancellation);
        if (isJson) Console.Out.WriteLine(PsJson.Write(snapshots));
        else if (snapshots.Count == 0) Console.Out.WriteLine("None of your processes has a Samovar executor.");
        else Terminal.Write(console => PsText.List(snapshots, console));
        foreach (string why in errors) await Console.Error.WriteLineAsync($"samovar: {why}");
        return ExitCode.Success;
    }

    /// <summary>Returns the processes that have executors, and why others could not be queried.</summary>
    public static async Task<(IReadOnlyList<ProcessSnapshot> Snapshots, IReadOnlyList<string> Errors)> FindAsync(CancellationToken cancellation)
    {
        // Processes are queried concurrently, so one that hangs does not delay the others.
        var asked = await Task.WhenAll(
            DiagnosticPort.Processes().Where(TargetProcess.IsOwn).Where(Peer.MayHaveSamovar).Select(pid => TriedAsync(pid, cancellation)));
        return ([.. asked.Select(static one => one.Snapshot).OfType<ProcessSnapshot>()], [.. asked.Select(static one => one.Why).OfType<string>()]);
    }

    private static async Task<(ProcessSnapshot? Snapshot, string? Why)> TriedAsync(int pid, CancellationToken cancellation)
    {
        try
        {
            return (await InspectionClient.AskAsync(pid, most: 0, cancellation), null);
        }
        catch (NoAnswerException why)
        {
            return (null, TargetProcess.IsOwn(pid) ? why.Message : null); // a process that has exited meanwhile is no error
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
}
