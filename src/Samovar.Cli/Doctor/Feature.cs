using System.Text.Json.Serialization;

namespace Samovar.Cli.Doctor;

/// <summary>How important a <see cref="Feature"/> is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
internal enum Severity
{
    /// <summary>Samovar does not run without the feature.</summary>
    [JsonStringEnumMemberName("required")]
    Required,

    /// <summary>Without the feature, Samovar uses a slower or different mechanism.</summary>
    [JsonStringEnumMemberName("preferred")]
    Preferred,

    /// <summary>Without the feature, a part of the benchmarks is skipped.</summary>
    [JsonStringEnumMemberName("optional")]
    Optional,
}

/// <summary>A platform feature that Samovar can use, and the consequence if it is missing.</summary>
/// <param name="Name">A short, stable name, which programs look up in the JSON.</param>
/// <param name="Severity">How important the feature is.</param>
/// <param name="Purpose">What Samovar uses it for.</param>
/// <param name="Without">What is slower or unavailable without it, and how to get it.</param>
internal sealed record Feature(string Name, Severity Severity, string Purpose, string Without)
{
    public static readonly Feature WorkerHost = new("worker-host", Severity.Required,
        "starts worker processes",
        "worker processes cannot start: install the .NET 10 runtime, or set DOTNET_HOST_PATH to its dotnet");

    public static readonly Feature Memfd = new("memfd", Severity.Preferred,
        "shared memory without a name, which the kernel frees with the last process",
        "channels and shared arrays are files in the temporary folder, which Samovar has to delete");

    public static readonly Feature Futex = new("futex", Severity.Preferred,
        "wakes a sleeping process through shared memory",
        "processes are woken through a socket, which takes about twice as long");

    public static readonly Feature Pidfd = new("pidfd", Severity.Preferred,
        "notifies when a process exits, and is not confused by a reused process id",
        "Samovar detects a worker's exit through its pipes and by waiting for the process");

    public static readonly Feature ProcessGroups = new("process-groups", Severity.Preferred,
        "kills a worker together with all processes it started",
        "processes that a killed worker started keep running");

    public static readonly Feature MappedFiles = new("mapped-files", Severity.Preferred,
        "shared memory where memfd is missing",
        "no shared memory where memfd is missing: set TMPDIR to a writable folder");

    public static readonly Feature LocalSockets = new("unix-sockets", Severity.Preferred,
        "wakes a sleeping process where futex is missing",
        "processes cannot be woken where futex is missing");

    public static readonly Feature Python = new("python3", Severity.Optional,
        "runs the Python peers of the benchmarks",
        "the benchmarks skip the comparison with Python");

    public static readonly Feature Node = new("node", Severity.Optional,
        "runs the Node peers of the benchmarks",
        "the benchmarks skip the comparison with Node");
}
