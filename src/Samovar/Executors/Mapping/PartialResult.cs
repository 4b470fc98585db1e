namespace Samovar;

/// <summary>A result of several parts, of which one that cannot travel must not lose the others.</summary>
internal abstract class PartialResult
{
    /// <summary>Gives the same result with an error in the place of each value that is refused.</summary>
    /// <param name="refused">Says why a value cannot travel; null where it can.</param>
    public abstract object ReplaceWhere(Func<object?, Exception?> refused);
}
