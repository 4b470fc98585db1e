namespace Samovar;

/// <summary>The result of a task that ran elsewhere, not yet read.</summary>
internal abstract class ResultSource
{
    /// <summary>How long the work ran, as its worker measured it.</summary>
    public abstract TimeSpan Took { get; }

    /// <summary>Reads the result; throws what is wrong with it.</summary>
    public abstract T Read<T>();
}
