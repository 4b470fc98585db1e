namespace Samovar.Processes.Recorder;

/// <summary>Where recordings are: in memory rather than on disk if the system has such a directory.</summary>
internal static class RecordingFolder
{
    /// <summary>The environment variable that turns recordings off, or chooses their folder.</summary>
    public const string Variable = "SAMOVAR_POST_MORTEM";

    private static string Default => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Where programs write recordings; null if they write none.</summary>
    /// <exception cref="InvalidOperationException">The environment variable has a value that is not valid.</exception>
    public static string? ForWriting => Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Where recordings are found, even if this process writes none.</summary>
    /// <exception cref="InvalidOperationException">The environment variable has a value that is not valid.</exception>
    public static string ForReading => ForWriting ?? Default;

    /// <summary>Returns the folder for a value of the environment variable; null to write no recordings.</summary>
    /// <exception cref="InvalidOperationException">The value is not valid.</exception>
    public static string? Choose(string? value)
    {
        if (string.IsNullOrEmpty(value) || value == "on") return Default;
        if (value == "off") return null;
        if (Path.IsPathFullyQualified(value) && Directory.Exists(value)) return value;
        throw new InvalidOperationException(
            $"{Variable}={value} is not valid: it is neither 'on' nor 'off' nor the full path of a folder that exists. Correct it, or unset it.");
    }

    /// <summary>Returns the paths of this user's recordings in a folder, one for each.</summary>
    /// <remarks>A file that a sweep renames while the folder is listed may be missing from the list, under either name. It is renamed once only, so
    /// one of two lists has it.</remarks>
    /// <exception cref="IOException">The folder cannot be listed, or no descriptor is left.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not list the folder.</exception>
    public static IReadOnlyCollection<string> List(string folder) =>
        Merge(ListOwn(folder), ListOwn(folder));

    /// <summary>Returns the paths of two lists of the same folder, the later path of each recording.</summary>
    public static IReadOnlyCollection<string> Merge(IEnumerable<string> earlier, IEnumerable<string> later)
    {
        var paths = new Dictionary<RecordingName, string>();
        foreach (string path in earlier.Concat(later))
        {
            if (RecordingName.TryParse(Path.GetFileName(path.AsSpan())) is { } name) paths[name with { IsEnded = false }] = path;
        }

        return paths.Values;
    }

    // Another user may have given a file the later name of one of these, which it must not hide.
    private static string[] ListOwn(string folder) =>
        Array.FindAll(Directory.GetFiles(folder, RecordingName.Pattern), static path => !RecordingReader.IsForeign(path));
}
