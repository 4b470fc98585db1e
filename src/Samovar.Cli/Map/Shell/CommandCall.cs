using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell.Platform;
using Samovar.Primitives;

namespace Samovar.Cli.Map.Shell;

/// <summary>Runs the command for an item, on a thread of the tool or in a worker of a cluster's node, to which it is serialized.</summary>
internal sealed class CommandCall(CommandTemplate template, ItemShape shape) : INamedWork
{
    private const int NoSuchProgram = 127;
    private const int NotExecutable = 126;

    private static readonly ConcurrentDictionary<string, string> s_programs = new(StringComparer.Ordinal); // paths by name
    private static readonly Lock s_guardGate = new();
    private static bool s_isGuarded; // s_guardGate

    [ThreadStatic]
    private static OutputCapture? t_output;

    [ThreadStatic]
    private static OutputCapture? t_errors;

    /// <summary>The command, by which <c>samovar top</c> knows the items.</summary>
    public string WorkName { get; } = template.Text;

    public TimeSpan? Timeout { get; init; }

    public int Nice { get; init; }

    /// <summary>Whether a failure is thrown as an exception, as the map's retries require.</summary>
    public bool ThrowsFailures { get; init; }

    /// <summary>The tool's current directory, if the command runs on a cluster: a node uses it if it exists there. Null on this machine.</summary>
    public string? Directory { get; init; }

    /// <summary>Receives notes about slow items.</summary>
    public IProgress<ItemNote>? Notes { get; init; }

    /// <summary>When cancelled, commands that have not started do not start.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>What only the tool's own process has; null on a node.</summary>
    [field: NonSerialized]
    public LocalRun? Local { get; init; }

    public ItemReport Run(InputItem item)
    {
        if (Stop.IsCancellationRequested) return NotBegun;
        ItemWatch watch = ItemWatch.OfThread;
        int slot = Local?.Slots.Take() ?? 0;
        long started = Stopwatch.GetTimestamp();
        int worker = slot > 0 ? slot : ItemWatch.CurrentWorker;
        try
        {
            if (Local?.Gate.Wait(Stop) == false) return NotBegun;
            started = Stopwatch.GetTimestamp();
            watch.Begin(item, started, worker, Notes);
            ItemReport report = Run(item, slot) with { Started = started, Elapsed = Stopwatch.GetTimestamp() - started, Worker = worker, Attempt = ThrowsFailures ? TaskContext.Current?.Attempt ?? 1 : 1 };
            return ThrowsFailures && report.Status != ItemStatus.Succeeded ? throw new ItemFailedException(report) : report;
        }
        finally
        {
            watch.End();
            if (slot > 0) Local!.Slots.Return(slot);
        }
    }

    private ItemReport Run(InputItem item, int slot)
    {
        ItemValues values;
        string[] words;
        try
        {
            if (item.IsBroken) throw new MalformedItemException(item.Text, null);
            values = new ItemValues(item, shape, slot);
            words = template.Arguments(values);
        }
        catch (MalformedItemException error)
        {
            return new ItemReport(ItemStatus.Malformed, error.Message, 0, 0, 0, 0, typeof(MalformedItemException).FullName);
        }

        CancellationToken kill = TaskContext.Current?.CancellationToken ?? CancellationToken.None;
        OutputCapture output = t_output ??= new OutputCapture(mayUseFile: !ProcessWorker.IsWorker);
        OutputCapture errors = t_errors ??= new OutputCapture(mayUseFile: !ProcessWorker.IsWorker);
        LiveOutput? live = Local?.Lines?.Begin(values.Tag);
        try
        {
            Prepare();
            var start = new CommandStart(words, Program(words[0]), Timeout, Nice);
            CommandEnd end = CommandPlatform.Current.Run(start, live is null ? output.Append : live.Output(output), live is null ? errors.Append : live.Errors(errors), kill);
            live?.End();
            kill.ThrowIfCancellationRequested();
            return Report(end, new CommandResult(values.Tag, output.Take(), errors.Take(), end.ExitCode, end.Signal, CannotRun(end)));
        }
        catch (CommandStartException error)
        {
            return Failed(error, error.CannotRun);
        }
        catch (IOException error)
        {
            return Failed(error, cannotRun: false); // its output could not be kept, and it was killed
        }
        finally
        {
            output.Clear();
            errors.Clear();
        }

        ItemReport Failed(Exception error, bool cannotRun) => new(
            ItemStatus.Failed, error.Message, 0, 0, 0, 0, "command", error.ToString(), new CommandResult(values.Tag, output.Take(), errors.Take(), null, null, cannotRun));
    }

    // A shell reports with these codes that it has not found a program, or cannot execute it.
    private bool CannotRun(CommandEnd end) => template.UsesShell && end.ExitCode is NoSuchProgram or NotExecutable;

    private ItemReport Report(CommandEnd end, CommandResult result)
    {
        if (end.TimedOut)
            return Failed(typeof(TaskTimeoutException).FullName!, $"it ran longer than its time limit of {Summary.Span(Timeout ?? TimeSpan.Zero)}");
        return end switch
        {
            { ExitCode: 0 } => new ItemReport(ItemStatus.Succeeded, null, 0, 0, 0, 0, Command: result),
            { ExitCode: { } code } => Failed(string.Create(CultureInfo.InvariantCulture, $"exit code {code}"), ""),
            { Signal: { } signal } => Failed($"killed by {ErrorTexts.SignalName(signal)}", ""),
            _ => Failed("command", "its exit code is unknown, because this process ignores SIGCHLD"),
        };

        ItemReport Failed(string type, string text) => new(ItemStatus.Failed, text, 0, 0, 0, 0, type, Command: result);
    }

    private string Program(string name)
    {
        if (s_programs.TryGetValue(name, out string? path)) return path;
        path = ProgramSearch.Find(name);
        if (template.Program is not null) s_programs.TryAdd(name, path); // otherwise there may be any number of programs
        return path;
    }

    private void Prepare()
    {
        if (Volatile.Read(ref s_isGuarded)) return;
        lock (s_guardGate)
        {
            if (s_isGuarded) return;
            if (Directory is not null && System.IO.Directory.Exists(Directory)) Environment.CurrentDirectory = Directory;
            CommandPlatform.Current.Guard();
            Volatile.Write(ref s_isGuarded, true);
        }
    }

    private static ItemReport NotBegun => new(ItemStatus.NotBegun, null, 0, 0, 0, 0);
}
