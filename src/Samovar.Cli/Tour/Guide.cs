using System.Diagnostics;

namespace Samovar.Cli.Tour;

/// <summary>Leads through the lessons.</summary>
internal static class Guide
{
    /// <summary>A unit of time where the lesson is in the order of things and not in the waiting.</summary>
    private static readonly TimeSpan s_shortUnit = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan s_trueUnit = TimeSpan.FromSeconds(1);

    public static async Task LeadAsync(IReadOnlyList<Lesson> lessons, TourOutput output, bool inRealTime, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        var rows = new List<TourRow>();
        bool isAsked = lessons.Count < Lesson.All.Count && !Console.IsInputRedirected;
        foreach (Lesson lesson in lessons)
        {
            var room = new Classroom(lesson, output, inRealTime ? s_trueUnit : s_shortUnit, isAsked, cancellation);
            output.Begin(lesson);
            await lesson.TeachAsync(room);
            output.End(room.Rows);
            rows.AddRange(room.Rows);
        }

        output.Close(rows, Stopwatch.GetElapsedTime(start));
    }
}
