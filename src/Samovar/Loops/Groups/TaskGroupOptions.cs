namespace Samovar;

/// <summary>How a <see cref="TaskGroup"/> runs its tasks. Immutable.</summary>
public sealed record TaskGroupOptions
{
    /// <summary>Its name in reports and trees. Default: none.</summary>
    public string? Name { get; init; }

    /// <summary>How many of its tasks may be under way at the same time; the others wait in the order they came. At least 1; default: no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
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
