using Samovar.Diagnostics.Watching;
using Samovar.Diagnostics.Watching.Advising;

namespace Samovar.Tests.Diagnostics.Watching.Advising;

/// <summary>Four pictures a second of a process with one or more executors, as an <see cref="Advisor"/> gets them.</summary>
internal sealed class PictureStream
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Advisor _advisor = new();
    private long _number;

    public PictureStream(string type = "thread")
    {
        Executor = new StreamedExecutor(7, "pool", type);
        Executors = [Executor];
    }

    /// <summary>The executor, with the number 7 and the name <c>pool</c>.</summary>
    public StreamedExecutor Executor { get; }

    public List<StreamedExecutor> Executors { get; }

    /// <summary>The process: 8 processors, of which it uses 2.</summary>
    public ProcessPicture Process { get; set; } = new(2, 0, 0, 0, 0, [0, 0, 0], 8, 0) { Cores = 8 };

    /// <summary>The locks that are held.</summary>
    public IReadOnlyList<HeldLock> Held { get; set; } = [];

    /// <summary>The advice of the newest picture.</summary>
    public IReadOnlyList<Advice> Advice { get; private set; } = [];

    /// <summary>Takes pictures for a time. Before each, the executors change.</summary>
    public PictureStream Run(double seconds, Action<StreamedExecutor>? step = null)
    {
        for (double at = 0; at < seconds; at += Interval.TotalSeconds)
        {
            step?.Invoke(Executor);
            Advice = _advisor.Advise(new Picture
            {
                Number = ++_number,
                At = DateTimeOffset.UnixEpoch + (Interval * _number),
                Since = _number == 1 ? TimeSpan.Zero : Interval,
                Process = Process,
                Held = Held,
                Executors = Executors.ConvertAll(static executor => executor.Show()),
            });
        }

        return this;
    }

    /// <summary>Returns the sentence of a rule, which must be about the executor 7 or about the process; null without advice.</summary>
    public string? Text(string rule)
    {
        var advice = Advice.SingleOrDefault(advice => advice.Rule == rule);
        if (advice?.Executor is { } number) number.ShouldBe(Executor.Number);
        return advice?.Text;
    }
}
