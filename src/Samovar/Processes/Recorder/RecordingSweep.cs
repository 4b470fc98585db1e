using Samovar.Ipc.Platform.Portable;

namespace Samovar.Processes.Recorder;

/// <summary>Deletes recordings that programs left behind. Each is kept for a time that starts when a later program first sees that its own has exited,
/// because the file's own time is that of the worker's start.</summary>
internal static class RecordingSweep
{
    /// <summary>How long a recording is kept after that.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>How many recordings are kept, the newest: about 10 MiB.</summary>
    public const int MostKept = 512;

    /// <summary>Sweeps a folder. Never throws.</summary>
    public static void Run(string folder, TimeProvider time)
    {
        try
        {
            Sweep(folder, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder cannot be listed, or no descriptor is left: the next program sweeps it.
        }
    }

    private static void Sweep(string folder, DateTime now)
    {
        var running = new Dictionary<RecordingName, bool>();
        List<(string Path, DateTime Since)> left = [];
        foreach (string path in Directory.GetFiles(folder, RecordingName.Pattern)) // all names first: a file that is renamed meanwhile could be listed twice
        {
            if (RecordingName.TryParse(Path.GetFileName(path.AsSpan())) is not { } name || RecordingReader.IsForeign(path)) continue;
            var program = name with { Executor = 0, Worker = 0, IsEnded = false };
            if (!running.TryGetValue(program, out bool isRunning)) running.Add(program, isRunning = program.IsRunning);
            if (isRunning) continue;
            try
            {
                left.Add(name.IsEnded ? (path, File.GetLastWriteTimeUtc(path)) : (NoteEnd(path, name, now), now));
            }
            catch (FileNotFoundException)
            {
                // Another program has renamed it just now, or deleted it.
            }
        }

        left.Sort(static (a, b) => b.Since.CompareTo(a.Since));
        for (int i = 0; i < left.Count; i++)
        {
            if (i >= MostKept || now - left[i].Since > Kept) FileSegment.TryDelete(left[i].Path);
        }
    }

    /// <summary>Records in the name and time of a file that its program has exited. Returns the new path.</summary>
    private static string NoteEnd(string path, in RecordingName name, DateTime now)
    {
        string ended = name.PathOfEnded(path);
        File.SetLastWriteTimeUtc(path, now);
        File.Move(path, ended, overwrite: true);
        return ended;
    }
}
