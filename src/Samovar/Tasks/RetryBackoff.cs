namespace Samovar;

/// <summary>How the delay between attempts grows.</summary>
public enum RetryBackoff
{
    /// <summary>Always the same.</summary>
    Constant,

    /// <summary>Once, twice, three times the base.</summary>
    Linear,

    /// <summary>Doubling.</summary>
    Exponential,
}
