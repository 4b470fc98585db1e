using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>The options that all executors have in common. Immutable.</summary>
public abstract record ExecutorOptions
{
    private AmountsSlot _resources;

    /// <summary>Gets the executor's name in errors, logs, thread names and statistics. The default, null, means the type's name and a
    /// number.</summary>
    /// <exception cref="ArgumentException">The value is empty or white space.</exception>
    public string? Name
    {
        get;
        init => field = value is null || !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new ArgumentException("The name must not be empty or white space. Leave it null for a generated name.", nameof(Name));
    }

    /// <summary>Gets the grace period: how long a task may continue to run after its token is cancelled, before it is killed (worker
    /// processes) or abandoned (threads). Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit. The default is 1 second.
    /// The grace of <see cref="Executor.ShutdownAsync"/> overrides it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative and not infinite, or exceeds the range of a timer (about 49
    /// days).</exception>
    public TimeSpan CancellationGrace
    {
        get;
        init => field = TimeoutArguments.RequireTimeout(value, nameof(CancellationGrace));
    } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the clock for timeouts, delays, idle times and timestamps. The default is <see cref="TimeProvider.System"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(TimeProvider));
            field = value;
        }
    } = TimeProvider.System;

    /// <summary>Gets the resources of the executor, such as GPUs, memory or licences, which its tasks share as <see cref="TaskOptions.Requires"/>
    /// says: together, running tasks never have more. At most 64 resources; the default is an executor without resources, of which no task may require any.
    /// The tasks of a <see cref="ClusterExecutor"/> have those of its nodes (<see cref="ClusterNodeOptions.Resources"/>): it refuses resources of its
    /// own.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public ResourceAmounts Resources
    {
        get => _resources.Get();
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Resources));
            _resources = new AmountsSlot(value);
        }
    }

    /// <summary>The resources; null for none.</summary>
    internal ResourceAmounts? OwnResources => _resources.NonEmpty;

    /// <summary>Gets the factory of the executor's logger, whose category is <c>Samovar</c>. The default, null, disables logging; an event
    /// loop then writes unobserved failures to standard error.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Gets the factory of the meter that the executor's instruments belong to, for hosts and tests that keep their measurements
    /// separate. Default: null, for the meter that all executors without a factory share. See <see cref="SamovarTelemetry"/>.</summary>
    public IMeterFactory? MeterFactory { get; init; }
}
