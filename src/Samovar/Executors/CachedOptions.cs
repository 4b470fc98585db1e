namespace Samovar;

/// <summary>The options of a <see cref="CachedFunction{T, TResult}"/>. The members of <see cref="TaskOptions"/> apply to the task of each call that
/// computes its result. Immutable.</summary>
public sealed record CachedOptions : TaskOptions
{
    internal static new CachedOptions Default { get; } = new();

    /// <summary>Gets the version of the function, which is part of the key: change it to compute all results again although the code is the same, for example
    /// because a file that the function reads has changed. The default is empty.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Version
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Version));
            field = value;
        }
    } = "";
}
