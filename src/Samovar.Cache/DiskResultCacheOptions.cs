using Microsoft.Extensions.Logging;

namespace Samovar;

/// <summary>The options of a <see cref="DiskResultCache"/>. Immutable.</summary>
public sealed record DiskResultCacheOptions
{
    internal static DiskResultCacheOptions Default { get; } = new();

    /// <summary>Gets how many bytes of results the folder may contain. When a result makes it more, those that were not used for the longest time are
    /// removed, until nine tenths are left. Default 1 GiB; at least 1. A result that is larger than this is not stored.</summary>
    /// <remarks>Each process counts what it stores, and counts the whole folder with every 256th result, so several processes may exceed the limit for a
    /// while. The files of the index are not counted.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxBytes));
            field = value;
        }
    } = 1L << 30;

    /// <summary>Gets the age, counted from its computation, at which a result is no longer used. More than zero; null (the default) for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? MaxAge
    {
        get;
        init
        {
            if (value is { } age) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero, nameof(MaxAge));
            field = value;
        }
    }

    /// <summary>Gets the clock for ages and for the times of use. The default is <see cref="System.TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the factory of the logger that gets a warning for each <see cref="ResultCache.Failed"/>, in the category <c>Samovar.Cache</c>. The
    /// default is null: none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Gets the most pages of the index; null for no limit. For tests of a full disk.</summary>
    internal int? MaxIndexPages { get; init; }
}
