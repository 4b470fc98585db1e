using Samovar.Diagnostics.Metering;

namespace Samovar.Tasks.Core;

/// <summary>The result of a task that ran elsewhere, before deserialization.</summary>
internal abstract class ResultSource
{
    /// <summary>How long the work ran, as measured by its worker.</summary>
    public abstract TimeSpan Elapsed { get; }

    /// <summary>Parts of the result that arrived before this one, in order.</summary>
    public IReadOnlyList<ResultSource> Earlier { get; set; } = [];

    /// <summary>The received bytes.</summary>
    public abstract ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Deserializes the result; throws if it is malformed.</summary>
    public abstract T Read<T>();

    /// <summary>Like <see cref="Read{T}()"/>, and measures it.</summary>
    public T Read<T>(TaskMeter? meter)
    {
        long began = meter?.BeginShipping() ?? 0;
        var value = Read<T>();
        meter?.Shipped(ShippingDirection.Receive, began);
        return value;
    }

    /// <summary>Returns a delegate that deserializes messages that are parts of <see cref="Bytes"/>. Requested once for many
    /// messages.</summary>
    public abstract PartReader<T> PartsOf<T>();

    /// <summary>Releases the resources of the result after everything has been read. May be called twice.</summary>
    public virtual void Release()
    {
    }
}

/// <summary>Deserializes a message.</summary>
internal delegate T PartReader<out T>(ReadOnlySpan<byte> part);
