namespace Samovar;

/// <summary>Specifies how the delay between attempts grows.</summary>
public enum RetryBackoff
{
    /// <summary>All delays are equal.</summary>
    Constant,

    /// <summary>The delay grows by the base with each attempt: one, two, three times the base.</summary>
    Linear,

    /// <summary>The delay doubles with each attempt.</summary>
    Exponential,
}
