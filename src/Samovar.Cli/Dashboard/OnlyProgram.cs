using Samovar.Cli.Ps;

namespace Samovar.Cli.Dashboard;

/// <summary>Finds the process to show if the command line has none.</summary>
internal static class OnlyProgram
{
    /// <summary>Returns the only process of this user that has executors; lists them if there are several.</summary>
    /// <exception cref="UsageException">No process has executors, or the user has to choose one.</exception>
    public static async Task<int> FindAsync(CancellationToken cancellation)
    {
        var (snapshots, errors) = await PsJob.FindAsync(cancellation);
        foreach (string why in errors) await Console.Error.WriteLineAsync($"samovar: {why}");
        if (snapshots.Count == 0)
            throw new UsageException("none of your processes has a Samovar executor. Start the program, then run 'samovar dashboard PID'.", ExitCode.NoAnswer);
        if (snapshots is [var only]) return only.Pid;
        Terminal.Write(console => PsText.List(snapshots, console));
        throw new UsageException($"{snapshots.Count} processes have executors; choose one: samovar dashboard PID");
    }
}
