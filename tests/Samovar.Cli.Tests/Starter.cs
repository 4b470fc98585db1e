using System.Collections.Concurrent;
using System.Diagnostics;

namespace Samovar.Cli.Tests;

/// <summary>Starts programs that are killed when this process exits for any reason: a killed test run leaves no program behind.</summary>
internal static class Starter
{
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> s_wanted = Open();

    /// <summary>The command prefix that ties a program's life to the thread that starts it.</summary>
    public static string[] Tie { get; } = OperatingSystem.IsLinux() ? ["setpriv", "--pdeathsig", "KILL"] : [];

    /// <summary>Starts a program with its three streams redirected.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What differs from this process's.</param>
    /// <param name="folder">The working directory; null for the current one.</param>
    public static Task<Process> StartAsync(
        string program, string[] arguments, (string Name, string? Value)[]? environment = null, string? folder = null)
    {
        string[] words = [.. Tie, program, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string name, string? value) in environment ?? []) start.Environment[name] = value;

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_wanted.Add((start, started));
        return started.Task;
    }

    // The kernel ends a tied child with the thread that started it, not with the process: one that stays starts them all.
    private static BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Open()
    {
        var wanted = new BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)>();
        var thread = new Thread(() =>
        {
            foreach ((ProcessStartInfo start, TaskCompletionSource<Process> started) in wanted.GetConsumingEnumerable())
            {
                try
                {
                    started.SetResult(Process.Start(start)!);
                }
                catch (Exception error)
                {
                    started.SetException(error); // reported to the caller that requested the program
                }
            }
        })
        {
            IsBackground = true,
            Name = "starter of programs",
        };
        thread.Start();
        return wanted;
    }
}
