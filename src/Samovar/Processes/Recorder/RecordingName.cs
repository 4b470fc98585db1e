using System.Globalization;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;

namespace Samovar.Processes.Recorder;

/// <summary>The name of a recording's file, which says whose it is.</summary>
/// <param name="Parent">The program that has the executor.</param>
/// <param name="Namespace">The PID namespace of the program; "0" for the system's first, and on systems without namespaces.</param>
/// <param name="Executor">The number of the executor within the program.</param>
/// <param name="Worker">The number of the worker within the executor.</param>
/// <param name="IsEnded">Whether a later program has found that the program has exited; the file's time says when.</param>
internal readonly record struct RecordingName(ProcessIdentity Parent, string Namespace, int Executor, int Worker, bool IsEnded = false)
{
    private const string Prefix = "samovar-postmortem-";
    private const string Live = ".tasks";
    private const string Ended = ".ended";
    private const int Parts = 5;

    // Failures are not cached, as in ProcessIdentity.
    private static readonly Lazy<string> s_namespace = new(
        static () => OperatingSystem.IsLinux() && LinuxSharedNames.NamespaceMark() is { Length: > 1 } mark ? mark[1..] : "0", LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The pattern of all names.</summary>
    public const string Pattern = Prefix + "*";

    /// <summary>The PID namespace of this process.</summary>
    public static string OwnNamespace => s_namespace.Value;

    /// <summary>Whether the program is running. A program of another PID namespace is not visible here, and counts as exited.</summary>
    /// <exception cref="IOException">See <see cref="ProcessIdentity.IsAlive"/>.</exception>
    public bool IsRunning => Namespace == OwnNamespace && Parent.IsAlive;

    public static RecordingName? TryParse(ReadOnlySpan<char> file)
    {
        bool isEnded = file.EndsWith(Ended, StringComparison.Ordinal);
        if (!file.StartsWith(Prefix, StringComparison.Ordinal) || (!isEnded && !file.EndsWith(Live, StringComparison.Ordinal))) return null;
        string[] parts = file[Prefix.Length..^Live.Length].ToString().Split('-');
        var culture = CultureInfo.InvariantCulture;
        return parts.Length == Parts
            && int.TryParse(parts[0], NumberStyles.None, culture, out int id)
            && uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, culture, out uint start)
            && int.TryParse(parts[3], NumberStyles.None, culture, out int executor)
            && int.TryParse(parts[4], NumberStyles.None, culture, out int worker)
                ? new RecordingName(new ProcessIdentity(id, start), parts[2], executor, worker, isEnded)
                : null;
    }

    /// <summary>Returns the path that a sweep gives to a file of this name when it has found that the program has exited.</summary>
    public string PathOfEnded(string path) => Path.Combine(Path.GetDirectoryName(path) ?? "", (this with { IsEnded = true }).ToString());

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Prefix}{Parent.Id}-{Parent.Start:x8}-{Namespace}-{Executor}-{Worker}{(IsEnded ? Ended : Live)}");
}
