namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>The totals of the last minute, at moments some seconds apart. Not thread-safe.</summary>
internal sealed class AdviceHistory
{
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly List<ProcessMoment> _moments = []; // the oldest first, at least a step apart

    /// <summary>The newest totals; null before the first picture.</summary>
    public ProcessMoment? Now { get; private set; }

    /// <summary>The totals 5 to 10 seconds before, or the first ones.</summary>
    public ProcessMoment Recent => _moments.FindLast(moment => moment.Elapsed <= Now!.Elapsed - s_step) ?? _moments[0];

    /// <summary>The totals a minute before, or the first ones.</summary>
    public ProcessMoment MinuteAgo => _moments[0];

    public void Add(Picture picture)
    {
        Now = ProcessMoment.Of(picture, Now);
        if (_moments.Count == 0 || Now.Elapsed - _moments[^1].Elapsed >= s_step) _moments.Add(Now);
        while (_moments.Count > 1 && _moments[1].Elapsed <= Now.Elapsed - s_minute) _moments.RemoveAt(0);
    }
}
