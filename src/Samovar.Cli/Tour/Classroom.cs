using System.Diagnostics;

namespace Samovar.Cli.Tour;

/// <summary>What a lesson has at hand: time to be measured by, a unit of waiting, and somebody who listens. Lines may be said by any thread.</summary>
internal sealed class Classroom(Lesson lesson, TourOutput output, TimeSpan unit, int jobs, bool isAsked, CancellationToken cancellation)
{
    private readonly Lock _gate = new();
    private readonly List<TourRow> _rows = [];
    private double _first;

    /// <summary>How long a unit of time takes in lessons that only wait.</summary>
    public TimeSpan Unit => unit;

    /// <summary>How many small jobs the lesson about the cost of threads does.</summary>
    public int Jobs => jobs;

    /// <summary>Whether a person sits at the keyboard and has asked for this lesson.</summary>
    public bool IsAsked => isAsked;

    public CancellationToken Cancellation => cancellation;

    public IReadOnlyList<TourRow> Rows => _rows;

    public void Say(string line)
    {
        lock (_gate) output.Say(line);
    }

    /// <summary>The rows that follow are compared with the next one: other work begins.</summary>
    public void Compare() => _first = 0;

    /// <summary>Does the work in one way. Compared is how long it took, with the first way of the same work.</summary>
    public async Task<T> TimeAsync<T>(string way, Func<Task<T>> work, Func<T, string> show)
    {
        cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        T result = await work();
        Add(way, Stopwatch.GetElapsedTime(start), show(result));
        return result;
    }

    /// <summary>Does the work in one way.</summary>
    public Task<T> TimeAsync<T>(string way, Func<T> work, Func<T, string> show) => TimeAsync(way, () => Task.Run(work), show);

    /// <summary>A way whose time was taken elsewhere.</summary>
    public void Add(string way, TimeSpan took, string result)
    {
        if (_first == 0) _first = took.TotalSeconds;
        var row = new TourRow(lesson.Number, lesson.Title, way, took.TotalSeconds, result, _first / took.TotalSeconds);
        lock (_gate)
        {
            _rows.Add(row);
            output.Add(row);
        }
    }
}
