using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Samovar.Cli.Tests;

namespace Samovar.Hosting.Tests;

/// <summary>A running process of Samovar.Hosting.Tests.Child, with the processes that it has started. Linux only.</summary>
internal sealed partial class HostedProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task<string> _errors;
    private readonly HashSet<(int Id, string Start)> _seen = [];

    private HostedProgram(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it has written so far, for failures.</summary>
    public string Output => string.Join('\n', _lines);

    public static async Task<HostedProgram> StartAsync(params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // artifacts/bin/Samovar.Hosting.Tests/debug
        string program = Path.Combine(here.Parent!.Parent!.FullName, "Samovar.Hosting.Tests.Child", here.Name, "Samovar.Hosting.Tests.Child.dll");
        return new HostedProgram(await Starter.StartAsync("dotnet", [program, .. arguments]));
    }

    /// <summary>Reads lines until one has the text; returns that line.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        using var waiting = TestWaits.Begin($"a line with '{text}'");
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(TestTimeout.Wait) is { } line)
        {
            _lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        }

        throw new InvalidOperationException($"The program exited without a line with '{text}':\n{Output}\n{await _errors}");
    }

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Sends a signal to every process of the tree, workers first, as systemd does with KillMode=control-group.</summary>
    public int SignalAll(int signal)
    {
        var tree = Tree();
        _seen.UnionWith(tree);
        foreach (var process in Enumerable.Reverse(tree))
        {
            if (Kill(process.Id, signal) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        return tree.Count;
    }

    /// <summary>Waits until the program has exited; returns its exit code.</summary>
    public async Task<int> ExitAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(TestTimeout.Wait) is { } line) _lines.Add(line);
        await _process.WaitForExitAsync().WaitAsync(TestTimeout.Wait);
        return _process.ExitCode;
    }

    /// <summary>The processes that got the signal and still exist.</summary>
    public IReadOnlyList<int> Left() => [.. _seen.Where(static process => StatusOf(process.Id) is { } status && status.Start == process.Start && status.State != "Z").Select(static process => process.Id)];

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private List<(int Id, string Start)> Tree()
    {
        List<(int Id, string Start)> tree = [(_process.Id, StatusOf(_process.Id)?.Start ?? "")];
        var all = Directory.EnumerateDirectories("/proc").Select(static path => Path.GetFileName(path))
            .Where(static name => char.IsAsciiDigit(name[0])).Select(static name => int.Parse(name, CultureInfo.InvariantCulture))
            .Select(static id => (Id: id, Status: StatusOf(id))).Where(static process => process.Status is not null).ToLookup(static process => process.Status!.Value.Parent);
        for (int i = 0; i < tree.Count; i++) tree.AddRange(all[tree[i].Id].Select(static process => (process.Id, process.Status!.Value.Start)));
        return tree;
    }

    // The fields of /proc/ID/stat after the name, which is in parentheses: state, parent, …; the 20th of them is the time of the start.
    private static (string State, int Parent, string Start)? StatusOf(int id)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19]);
        }
        catch (IOException)
        {
            return null; // the process has exited
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
