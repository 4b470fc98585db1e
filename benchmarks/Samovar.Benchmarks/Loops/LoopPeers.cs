using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Samovar.Benchmarks.Loops;

/// <summary>The figures beside ours, taken in the same run: asyncio (benchmarks/peers/loops.py) and Node (benchmarks/peers/loops.mjs).</summary>
internal static class LoopPeers
{
    public static async Task RunAsync(string measure, Action<string, double, string> say)
    {
        await RunAsync("python3", "loops.py", measure, "asyncio", say);
        await RunAsync("node", "loops.mjs", measure, "Node", say);
    }

    private static async Task RunAsync(string program, string script, string measure, string label, Action<string, double, string> say)
    {
        string path = Path.Combine(Root(), "benchmarks", "peers", script);
        try
        {
            using var peer = Process.Start(new ProcessStartInfo(program, [path, measure]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            while (await peer.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Split('|') is [var what, var value, var unit]) say($"   beside it, {label}: {what}", double.Parse(value, CultureInfo.InvariantCulture), unit);
            }

            await peer.WaitForExitAsync();
            if (peer.ExitCode != 0) Console.WriteLine($"   {program} {path} {measure} ended with exit code {peer.ExitCode}");
        }
        catch (Win32Exception error)
        {
            Console.WriteLine($"   no {label} beside it: {program} cannot be started: {error.Message}");
        }
    }

    private static string Root()
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Samovar.slnx"))) directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("Samovar.slnx");
        return directory;
    }
}
