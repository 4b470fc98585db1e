using System.Diagnostics;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Map.Running;

/// <summary>Looks after one running item in its worker, and tells the tool of it when it takes long.</summary>
/// <remarks>An item costs two writes here; a timer looks ten times a second at what runs. The tool thus knows for every slow item when
/// it began, also when its process then dies.</remarks>
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
    private long _number; // 0: none runs
    private long _told;
    private long _lastMessage;

    private ItemWatch()
    {
        lock (s_gate)
        {
            s_all.Add(this);
            s_timer ??= new Timer(static _ => LookAtAll(), null, s_long, s_long);
        }
    }

    /// <summary>The number by which the worker of the current item is known: its process, or the thread's within the executor.</summary>
    public static int CurrentWorker => s_process != 0 ? s_process : TaskContext.Current?.WorkerId ?? 0;

    /// <summary>The one of this thread, for items that stay on it.</summary>
    public static ItemWatch OfThread => t_ofThread ??= new ItemWatch();

    /// <summary>One for an item that is awaited; <see cref="Leave"/> ends it.</summary>
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

    /// <summary>The method's own progress; at most ten times a second, the last word may be left out.</summary>
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
        if (number == 0 || number == _told) return;
        long started = _started;
        string text = _text;
        IProgress<ItemNote>? notes = _notes;
        if (Stopwatch.GetElapsedTime(started) < s_long || Volatile.Read(ref _number) != number) return;
        _told = number;
        notes?.Report(new ItemNote(_worker, number, started, TextFormat.Short(text), null));
    }
}
