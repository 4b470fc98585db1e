using System.Diagnostics;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Map.Running;

/// <summary>Watches a running item in its worker, and notifies the tool when the item is slow.</summary>
/// <remarks>Each item costs two writes here; a timer checks the running items ten times a second. The tool therefore knows when each slow item
/// started, even if its process crashes later.</remarks>
internal sealed class ItemWatch : IProgressSink
{
    private static readonly TimeSpan s_long = TimeSpan.FromMilliseconds(100);
    private static readonly Lock s_gate = new();
    private static readonly int s_process = ProcessWorker.IsWorker ? Environment.ProcessId : 0;
    private static readonly List<ItemWatch> s_all = [];

    [ThreadStatic]
    private static ItemWatch? t_ofThread;

    private static Timer? s_timer;

    private IProgress<ItemNote>? _notes;
    private long _started;
    private int _worker;
    private string _text = "";
    private long _number; // 0: no item is running
    private long _notified;
    private long _lastMessage;

    private ItemWatch()
    {
        lock (s_gate)
        {
            s_all.Add(this);
            s_timer ??= new Timer(static _ => LookAtAll(), null, s_long, s_long);
        }
    }

    /// <summary>Gets the id of the current item's worker: the process id, or the thread's number within the executor.</summary>
    public static int CurrentWorker => s_process != 0 ? s_process : TaskContext.Current?.WorkerId ?? 0;

    /// <summary>Gets the watch of this thread, for items that stay on it.</summary>
    public static ItemWatch OfThread => t_ofThread ??= new ItemWatch();

    /// <summary>Creates a watch for an awaited item; <see cref="Leave"/> removes it.</summary>
    public static ItemWatch Enter() => new();

    public void Leave()
    {
        lock (s_gate) s_all.Remove(this);
    }

    public void Begin(in InputItem item, long started, int worker, IProgress<ItemNote>? notes)
    {
        _notes = notes;
        _started = started;
        _worker = worker;
        _text = item.Text;
        Volatile.Write(ref _number, item.Number); // SYNC: watched item published
    }

    public void End() => Volatile.Write(ref _number, 0);

    /// <summary>Reports the method's own progress, at most ten times a second; other reports are dropped, even the last one.</summary>
    public void Report(object? value)
    {
        long now = Stopwatch.GetTimestamp();
        if (_lastMessage != 0 && Stopwatch.GetElapsedTime(_lastMessage, now) < s_long) return;
        _lastMessage = now;
        string? message = value switch
        {
            TaskProgress progress => progress.Message ?? $"{progress.Fraction:P0}",
            double fraction => $"{fraction:P0}",
            _ => value?.ToString(),
        };
        _notes?.Report(new ItemNote(_worker, Volatile.Read(ref _number), _started, TextFormat.Short(_text), message));
    }

    private static void LookAtAll()
    {
        ItemWatch[] all;
        lock (s_gate) all = [.. s_all];
        foreach (ItemWatch watch in all) watch.Look();
    }

    private void Look()
    {
        long number = Volatile.Read(ref _number); // SYNC: watched item published
        if (number == 0 || number == _notified) return;
        long started = _started;
        string text = _text;
        IProgress<ItemNote>? notes = _notes;
        if (Stopwatch.GetElapsedTime(started) < s_long || Volatile.Read(ref _number) != number) return;
        _notified = number;
        notes?.Report(new ItemNote(_worker, number, started, TextFormat.Short(text), null));
    }
}
