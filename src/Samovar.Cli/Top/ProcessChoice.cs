using System.Globalization;
using Samovar.Cli.Ps;

namespace Samovar.Cli.Top;

/// <summary>Lets the user choose a process to watch.</summary>
internal static class ProcessChoice
{
    /// <summary>Lists the processes that have executors, and reads the PID of one from the terminal.</summary>
    /// <param name="command">The command, for errors.</param>
    /// <param name="cancellation">Cancels the choice.</param>
    /// <exception cref="UsageException">There is no such process, or there is no terminal to choose one on, or no choice was made.</exception>
    public static async Task<int> ChooseAsync(string command, CancellationToken cancellation)
    {
        var (snapshots, errors) = await PsJob.FindAsync(cancellation);
        foreach (string why in errors) await Console.Error.WriteLineAsync($"samovar: {why}");
        if (snapshots.Count == 0)
            throw new UsageException($"none of your processes has a Samovar executor. Start the program, then run 'samovar {command} PID'.", ExitCode.NoAnswer);
        Terminal.Write(console => PsText.List(snapshots, console));
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
            throw new UsageException($"choose a process: samovar {command} PID");
        string only = snapshots.Count == 1 ? string.Create(CultureInfo.InvariantCulture, $" [{snapshots[0].Pid}]") : "";
        Console.Out.Write($"PID{only}: ");
        string? answer = await Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellation); // a read cannot be cancelled
        if (answer is "" && snapshots.Count == 1) return snapshots[0].Pid;
        return int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0
            ? pid
            : throw new UsageException($"'{TopText.Printable(answer)}' is not the PID of a process.");
    }
}
