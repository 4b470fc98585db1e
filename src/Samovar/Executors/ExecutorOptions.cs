using Microsoft.Extensions.Logging;
using Samovar.Primitives;

namespace Samovar;

/// <summary>What every executor can be told. Immutable.</summary>
public abstract record ExecutorOptions
{
    /// <summary>The executor's name in errors, logs, thread names and statistics. Default: the type's name and a number.</summary>
    /// <exception cref="ArgumentException">Empty or white space.</exception>
    public string? Name
    {
        get;
        init => field = value is null || !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new ArgumentException("A name must not be empty; leave it null to have one made.", nameof(Name));
    }

    /// <summary>How long work may go on after its token has tripped, before it is killed (worker processes) or left behind
    /// (threads). Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes; default 1 s. The grace of <see cref="Executor.ShutdownAsync"/> overrides it there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan CancellationGrace
    {
        get;
        init => field = TimeoutArguments.RequireTimeout(value, nameof(CancellationGrace));
    } = TimeSpan.FromSeconds(1);

    /// <summary>The clock for timeouts, delays, idle times and timestamps. Default: <see cref="TimeProvider.System"/>.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(TimeProvider));
            field = value;
        }
    } = TimeProvider.System;

    /// <summary>Where the executor logs, in the category <c>Samovar</c>. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
