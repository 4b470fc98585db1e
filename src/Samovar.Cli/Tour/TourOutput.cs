namespace Samovar.Cli.Tour;

/// <summary>Where a tour is told. Calls come one at a time.</summary>
internal abstract class TourOutput
{
    public abstract void Begin(Lesson lesson);

    /// <summary>A line of what happens within a lesson.</summary>
    public abstract void Say(string line);

    public abstract void Add(TourRow row);

    /// <summary>The lesson is over.</summary>
    /// <param name="rows">Its rows.</param>
    public abstract void End(IReadOnlyList<TourRow> rows);

    /// <summary>The tour is over.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="took">The whole time.</param>
    public abstract void Close(IReadOnlyList<TourRow> rows, TimeSpan took);
}
