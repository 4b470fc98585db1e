namespace Samovar;

/// <summary>Options of a <see cref="TaskGroup"/>. Immutable.</summary>
public sealed record TaskGroupOptions
{
    /// <summary>Gets the group's name in reports and task trees. The default is null: no name.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the maximum number of tasks that run concurrently; the others are queued in FIFO order. At least 1; the default is null: no
    /// limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxConcurrency
    {
        get;
        init
        {
            if (value is { } most) ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(MaxConcurrency));
            field = value;
        }
    }
}
