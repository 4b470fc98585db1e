using Samovar.Cluster.Programs;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;

namespace Samovar;

/// <summary>Options of a <see cref="ClusterExecutor"/>. Immutable.</summary>
public sealed record ClusterExecutorOptions : ExecutorOptions
{
    /// <summary>Gets the name of the cluster; see <see cref="ClusterMember.Cluster"/>. Default: <c>default</c>.</summary>
    /// <exception cref="ArgumentException">The value is not a valid name.</exception>
    public string Cluster
    {
        get;
        init => field = ClusterMember.RequireName(value);
    } = "default";

    /// <summary>Gets the keys of the cluster. Default: null, which only a transport allows whose messages never leave the machine.</summary>
    public ClusterKeys? Keys { get; init; }

    /// <summary>Gets how long attempts to connect are repeated before queued tasks fail with their error. They continue after that, and tasks are accepted
    /// again when one succeeds. Zero or more. Default: 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, or exceeds the range of a timer (about 49 days).</exception>
    public TimeSpan ConnectTimeout
    {
        get;
        init => field = TimeoutArguments.RequireNotNegative(value, nameof(ConnectTimeout));
    } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long a node may be silent before it counts as lost. Nodes report every 5 seconds. More than 5 seconds. Default: 15
    /// seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is 5 seconds or less.</exception>
    public TimeSpan NodeTimeout
    {
        get;
        init => field = value > TimeSpan.FromSeconds(5)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(NodeTimeout), value, "NodeTimeout must be more than the 5 seconds in which nodes report.");
    } = TimeSpan.FromSeconds(15);

    /// <summary>Gets folders whose files nodes need to run the work, such as models or templates, by the name under which a task finds them: in
    /// <c>Path.Combine(AppContext.BaseDirectory, name)</c>. Nodes then run the tasks in a copy of this program with these folders, also nodes that are the
    /// same build. The files must not change while the executor exists. Default: none, for the program alone.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentException">A name is not a valid name of a folder, or a path is empty.</exception>
    public IReadOnlyDictionary<string, string> Folders
    {
        get;
        init => field = RequireFolders(value, nameof(Folders));
    } = new Dictionary<string, string>();

    /// <summary>Gets the path of the <c>runtimeconfig.json</c> under which nodes run the work; see
    /// <see cref="ProcessExecutorOptions.RuntimeConfiguration"/>. Default: null, for the configuration of this program.</summary>
    /// <exception cref="ArgumentException">The value is empty or consists of white space.</exception>
    public string? RuntimeConfiguration
    {
        get;
        init
        {
            if (value is not null) ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(RuntimeConfiguration));
            field = value is null ? null : Path.GetFullPath(value);
        }
    }

    /// <summary>Gets how many tasks may wait in this process until the broker has stored them: at least 1, or null (the default) for no limit. They wait
    /// while the broker cannot be reached or accepts no messages. Those that the broker has stored do not count. Items of maps, and later attempts, wait even
    /// beyond the capacity.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? QueueCapacity
    {
        get;
        init
        {
            if (value is { } capacity) ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1, nameof(QueueCapacity));
            field = value;
        }
    }

    /// <summary>Gets what happens when a task is submitted while <see cref="QueueCapacity"/> tasks wait. Default:
    /// <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; init; } = QueueFullMode.Wait;

    /// <summary>The clock by which nodes are silent. Not the executor's own, which may be virtual: nodes live in real time.</summary>
    internal TimeProvider PresenceTime { get; init; } = TimeProvider.System;

    /// <summary>The number of workers that are assumed until nodes have reported theirs.</summary>
    internal int ExpectedWorkers { get; init; }

    /// <summary>The longest work of a task, in bytes.</summary>
    internal int LargestWork { get; init; } = PayloadLimits.Largest;

    private static Dictionary<string, string> RequireFolders(IReadOnlyDictionary<string, string>? folders, string parameter)
    {
        ArgumentNullException.ThrowIfNull(folders, parameter);
        foreach (var (name, path) in folders)
        {
            if (!PackageFile.IsSafe(name) || name.Contains('/', StringComparison.Ordinal))
                throw new ArgumentException($"'{name}' is not a valid name of a folder: use a name without separators.", parameter);
            if (string.IsNullOrWhiteSpace(path)) throw new ArgumentException($"The path of folder '{name}' is empty.", parameter);
        }

        return folders.ToDictionary(static entry => entry.Key, static entry => Path.GetFullPath(entry.Value), StringComparer.Ordinal);
    }
}
