namespace Samovar.Dashboard;

/// <summary>The options of <see cref="SamovarDashboardEndpoints.MapSamovar"/>. Immutable.</summary>
public sealed record SamovarDashboardOptions
{
    private const int HighestRate = 20;

    /// <summary>Gets whether viewers may change something: cancel a task, retry a failed one, kill the worker of a task, retire a worker. Default:
    /// false, so that the dashboard only shows.</summary>
    /// <remarks>While a viewer of such a dashboard is connected, the program keeps the work of its newest failed tasks, so that it can be
    /// retried.</remarks>
    public bool AllowCommands { get; init; }

    /// <summary>Gets how many pictures a second a viewer gets, from 1 to 20. Default: 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 1 to 20.</exception>
    public int Rate
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Rate));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, HighestRate, nameof(Rate));
            field = value;
        }
    } = 4;

    /// <summary>Gets how long the program continues to record its tasks after the last viewer has left. Zero or more; default: 1 minute. What was recorded
    /// is then discarded; a new viewer starts a new recording.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan IdleTime
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(IdleTime));
            field = value;
        }
    } = TimeSpan.FromMinutes(1);

    /// <summary>Gets whether viewers see the values that tasks work on: a preview, of at most 200 characters, of what the delegate of a task captured, and of
    /// its item. Default: false, because these may be secrets or personal data.</summary>
    /// <remarks>Numbers, texts, times and the sizes of arrays are shown; other values are shown by the names of their types.</remarks>
    public bool ShowArguments { get; init; }
}
