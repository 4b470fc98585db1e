using System.Text.Json.Serialization;

namespace Samovar.Cli.Doctor;

/// <summary>How much hangs on a <see cref="Feature"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
internal enum Severity
{
    /// <summary>Samovar does not run without it.</summary>
    [JsonStringEnumMemberName("required")]
    Required,

    /// <summary>Without it something is slower, or done another way.</summary>
    [JsonStringEnumMemberName("preferred")]
    Preferred,

    /// <summary>Without it a part of the benchmarks is missing.</summary>
    [JsonStringEnumMemberName("optional")]
    Optional,
}

/// <summary>One thing that a machine may offer, and what it means when it does not.</summary>
/// <param name="Name">Short, stable name; programs look for it in the JSON.</param>
/// <param name="Severity">How much hangs on it.</param>
/// <param name="Purpose">What Samovar does with it.</param>
/// <param name="Without">What is slower or missing without it, and how to get it.</param>
internal sealed record Feature(string Name, Severity Severity, string Purpose, string Without)
{
    public static readonly Feature WorkerHost = new("worker-host", Severity.Required,
        "starts worker processes",
        "no worker process can be started: install the .NET 10 runtime, or set DOTNET_HOST_PATH to its dotnet");

    public static readonly Feature Memfd = new("memfd", Severity.Preferred,
        "shared memory that has no name and so cannot be left behind",
        "channels and shared arrays are files in the temporary folder, removed by name");

    public static readonly Feature Futex = new("futex", Severity.Preferred,
        "wakes a sleeping process through shared memory",
        "sleeping processes are woken through a socket, which takes about twice as long");

    public static readonly Feature Pidfd = new("pidfd", Severity.Preferred,
        "sees the end of a process at once, and never mistakes a reused id for it",
        "a worker's end is seen through its pipes and by waiting for it");

    public static readonly Feature ProcessGroups = new("process-groups", Severity.Preferred,
        "ends a worker together with everything it started",
        "a worker that is killed leaves behind what it started, unless that ends by itself");

    public static readonly Feature MappedFiles = new("mapped-files", Severity.Preferred,
        "the portable stand-in for memfd",
        "nothing can stand in where memfd is missing: set TMPDIR to a folder that can be written to");

    public static readonly Feature LocalSockets = new("unix-sockets", Severity.Preferred,
        "the portable stand-in for futex",
        "nothing can stand in where futex is missing");

    public static readonly Feature Python = new("python3", Severity.Optional,
        "the Python side of the benchmarks",
        "benchmarks leave out the comparison with Python");

    public static readonly Feature Node = new("node", Severity.Optional,
        "the Node side of the benchmarks",
        "benchmarks leave out the comparison with Node");
}
