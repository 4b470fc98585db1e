using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Options of a <see cref="ClusterNode"/>. Immutable.</summary>
public sealed record ClusterNodeOptions
{
    private const int MostWorkers = 4096;

    private AmountsSlot _resources;

    /// <summary>Gets the name of the cluster; see <see cref="ClusterMember.Cluster"/>. Default: <c>default</c>.</summary>
    /// <exception cref="ArgumentException">The value is not a valid name.</exception>
    public string Cluster
    {
        get;
        init => field = ClusterMember.RequireName(value);
    } = "default";

    /// <summary>Gets the name of the node in errors, logs and statistics. The default, null, means the name of the machine and the id of the
    /// process.</summary>
    /// <exception cref="ArgumentException">The value is empty or white space.</exception>
    public string? Name
    {
        get;
        init => field = value is null || !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new ArgumentException("The name must not be empty or white space. Leave it null for a generated name.", nameof(Name));
    }

    /// <summary>Gets how many tasks the node runs at the same time, each in a worker process of its own; 1 to 4,096. Default: the number of
    /// processors.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Workers
    {
        get;
        init => field = value is >= 1 and <= MostWorkers
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Workers), value, $"Workers must be from 1 to {MostWorkers:N0}.");
    } = Math.Min(Environment.ProcessorCount, MostWorkers);

    /// <summary>Gets what the tasks of this node share and a number of workers does not limit, such as GPUs or memory: names and amounts, at most 64. A
    /// task with <see cref="TaskOptions.Requires"/> runs on a node that has all its amounts in total, when they are free there. The node that has the
    /// amounts assigns them, so that tasks of several executors together never have more. Default: none, for a node that runs no task with
    /// requirements.</summary>
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

    /// <summary>Gets the keys of the cluster. Default: null, which only a transport allows whose messages never leave the machine.</summary>
    public ClusterKeys? Keys { get; init; }

    /// <summary>Gets the options of the worker processes: limits, environment, output, recycling. <see cref="ProcessExecutorOptions.Workers"/>, the name,
    /// the loggers, the meters and the bounds of the queue are those of the node. Default: the defaults.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public ProcessExecutorOptions WorkerOptions
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(WorkerOptions));
            field = value;
        }
    } = new();

    /// <summary>Gets how long <see cref="ClusterNode.StopAsync"/> waits for the tasks that the node runs, before it cancels them. Zero or more, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. Default: 30 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative and not infinite, or exceeds the range of a timer (about 49 days).</exception>
    public TimeSpan DrainTimeout
    {
        get;
        init => field = TimeoutArguments.RequireTimeout(value, nameof(DrainTimeout));
    } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the age from which a message is refused, counted from when it was signed. More than zero. Default: 7 days.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan MaxMessageAge
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(MaxMessageAge));
            field = value;
        }
    } = TimeSpan.FromDays(7);

    /// <summary>Gets whether the node runs tasks of programs that are not its own build, in worker processes that are started from a copy of the program.
    /// If false, their tasks go to other nodes, and fail with <see cref="NoMatchingNodeException"/> if none can run them. Default: true.</summary>
    public bool RunsOtherPrograms { get; init; } = true;

    /// <summary>Gets the folder in which the node keeps copies of programs that are not its own build; those that are not used for a month are removed.
    /// Workers run what is in it, so that only the user of the node should be able to write there. Default: null, for <c>samovar/programs</c> in the
    /// cache folder of the user.</summary>
    /// <exception cref="ArgumentException">The value is empty or consists of white space.</exception>
    public string? ProgramFolder
    {
        get;
        init
        {
            if (value is not null) ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(ProgramFolder));
            field = value is null ? null : Path.GetFullPath(value);
        }
    }

    /// <summary>How long the node keeps a message without acknowledging it.</summary>
    internal TimeSpan HoldLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>After which silence of an owner the node does not keep tasks for it; after four times that, it cancels those that run.</summary>
    internal TimeSpan OwnerTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The clock for silence and for repetitions.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Creates the executor whose workers run the tasks; null for a <see cref="ProcessExecutor"/>. Its core is a remote one.</summary>
    internal Func<ProcessExecutorOptions, Executor>? CreateWorkers { get; init; }

    /// <summary>The longest result, in bytes.</summary>
    internal int LargestResult { get; init; } = PayloadLimits.Largest;

    /// <summary>Gets the factory of the node's logger, whose category is <c>Samovar</c>. Default: null, for no logging.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Gets the factory of the meter that the instruments of the node and of its worker processes belong to. Default: null, for the meter that all
    /// members without a factory share. See <see cref="SamovarTelemetry"/>.</summary>
    public IMeterFactory? MeterFactory { get; init; }
}
