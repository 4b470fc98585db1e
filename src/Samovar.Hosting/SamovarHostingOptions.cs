namespace Samovar.Hosting;

/// <summary>The options of <see cref="SamovarServices.AddSamovar"/>, for all executors of a host. Immutable.</summary>
public sealed record SamovarHostingOptions
{
    /// <summary>Gets the path of the configuration section that contains the sections <c>Executors</c> and <c>Nodes</c>. Default:
    /// <c>Samovar</c>, so that the executor "images" is configured by <c>Samovar:Executors:images</c>.</summary>
    /// <exception cref="ArgumentException">The value is empty or white space.</exception>
    public string ConfigurationSection
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(ConfigurationSection));
            field = value;
        }
    } = "Samovar";

    /// <summary>Gets whether the executors are created when the host starts, and their workers are started before the start of the host
    /// completes. A worker that cannot start then fails the start of the host. Default: false, so that an executor is created when it is first
    /// resolved. The key <c>StartEagerly</c> in the section of an executor overrides this value.</summary>
    public bool StartEagerly { get; init; }

    /// <summary>Gets whether executors accept work until their own turn to stop comes, which is after the services that were registered later
    /// than <see cref="SamovarServices.AddSamovar"/>. Default: false: executors refuse new work as soon as the host begins to stop.</summary>
    public bool AcceptWorkWhileStopping { get; init; }

    /// <summary>Gets how much of the host's shutdown timeout is reserved for killing tasks that are still incomplete: executors drain for the
    /// rest. More than zero; default: 2 seconds. At most a quarter of the timeout is reserved.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not more than zero.</exception>
    public TimeSpan KillReserve
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(KillReserve));
            field = value;
        }
    } = TimeSpan.FromSeconds(2);
}
