namespace Samovar.Tasks.Core;

/// <summary>The result of a task that ran elsewhere, not yet read.</summary>
internal abstract class ResultSource
{
    /// <summary>How long the work ran, as its worker measured it.</summary>
    public abstract TimeSpan Elapsed { get; }

    /// <summary>Parts of the result that came before this one, in their order.</summary>
    public IReadOnlyList<ResultSource> Earlier { get; set; } = [];

    /// <summary>The bytes as they came.</summary>
    public abstract ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Reads the result; throws what is wrong with it.</summary>
    public abstract T Read<T>();

    /// <summary>Reads messages that are parts of <see cref="Bytes"/>. Asked for once for many of them.</summary>
    public abstract PartReader<T> PartsOf<T>();

    /// <summary>Everything has been read: lets go of what was held for that. May be called twice.</summary>
    public virtual void Release()
    {
    }
}

/// <summary>Reads a message.</summary>
internal delegate T PartReader<out T>(ReadOnlySpan<byte> part);
