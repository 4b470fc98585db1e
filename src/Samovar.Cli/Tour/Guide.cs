using System.Diagnostics;

namespace Samovar.Cli.Tour;

/// <summary>Leads through the lessons.</summary>
internal static class Guide
{
    /// <summary>A unit of time where the lesson is in the order of things and not in the waiting.</summary>
    public static TimeSpan ShortUnit { get; } = TimeSpan.FromMilliseconds(40);

    /// <summary>As the chapter tells it.</summary>
    public static TimeSpan TrueUnit { get; } = TimeSpan.FromSeconds(1);

    /// <param name="lessons">Which.</param>
    /// <param name="output">Where they are told.</param>
    /// <param name="unit">Of time, where a lesson only waits.</param>
    /// <param name="jobs">How many small jobs the lesson about the cost of threads does.</param>
    /// <param name="isAsked">Whether a person who has chosen the lessons sits at the keyboard and sees what is said.</param>
    /// <param name="cancellation">Ends the tour.</param>
    public static async Task LeadAsync(IReadOnlyList<Lesson> lessons, TourOutput output, TimeSpan unit, int jobs, bool isAsked, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        var rows = new List<TourRow>();
        foreach (Lesson lesson in lessons)
        {
            var room = new Classroom(lesson, output, unit, jobs, isAsked, cancellation);
            output.Begin(lesson);
            await lesson.TeachAsync(room);
            output.End(room.Rows);
            rows.AddRange(room.Rows);
        }

        output.Close(rows, Stopwatch.GetElapsedTime(start));
    }
}
