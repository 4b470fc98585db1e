using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Recorder;

/// <summary>The recordings of an executor's workers, as the executor sees them: it chooses their paths, reads the recording of a worker that has crashed,
/// and deletes each when its worker has exited. Thread-safe.</summary>
/// <remarks>
/// <list type="number">
/// <item>The executor creates the file of a worker, which opens it, and deletes it after the worker has exited. So no file appears after the program has
/// deleted all, however late a worker starts.</item>
/// <item>A program that exits in an orderly way without disposing its executors deletes all its files.</item>
/// <item>A program that crashes or is killed leaves them: they are what <see cref="PostMortem"/> reads.</item>
/// <item>The first worker of a program that becomes ready starts a sweep: it deletes what programs left long ago (<see cref="RecordingSweep"/>).</item>
/// <item>A worker's own executors have no recordings: a worker is killed as a matter of course, and would leave theirs.</item>
/// </list>
/// </remarks>
internal sealed class RecordingFiles
{
    private static readonly Lock s_gate = new();
    private static readonly HashSet<string> s_paths = []; // s_gate: of this process
    private static bool s_removesPaths; // s_gate: whether the removal at the exit is registered
    private static bool s_isOver; // s_gate: whether the files were removed at the exit
    private static int s_executors; // Interlocked
    private static int s_hasSwept; // Interlocked

    private readonly string _folder;
    private readonly bool _isPortable;
    private readonly int _executor = Interlocked.Increment(ref s_executors);

    private RecordingFiles(string folder, bool isPortable)
    {
        _folder = folder;
        _isPortable = isPortable;
    }

    /// <summary>Returns the recordings of a new executor; null if its tasks are not recorded.</summary>
    /// <exception cref="InvalidOperationException">The environment variable has a value that is not valid.</exception>
    public static RecordingFiles? For(ProcessExecutorOptions options, ChannelPlatform platform) =>
        options.KeepsPostMortem && CurrentWorker.Depth == 0 && RecordingFolder.ForWriting is { } folder
            ? new RecordingFiles(folder, platform.Kind == ChannelKind.Portable || !OperatingSystem.IsLinux())
            : null;

    /// <summary>Creates the file of a worker; returns null if it cannot have one.</summary>
    public RecordingInvitation? Invite(int worker)
    {
        ProcessIdentity parent;
        try
        {
            parent = ProcessIdentity.Own;
        }
        catch (IOException)
        {
            return null; // no descriptor is left: this worker runs without a recording
        }

        string path = Path.Combine(_folder, new RecordingName(parent, RecordingName.OwnNamespace, _executor, worker).ToString());
        bool isFirst;
        lock (s_gate)
        {
            if (s_isOver || !TryCreate(path)) return null;
            isFirst = !s_removesPaths;
            s_removesPaths = true;
            s_paths.Add(path);
        }

        if (isFirst) OrderlyEnd.Do(RemoveAll);
        return new RecordingInvitation(_isPortable, parent, ProgramName(), path);
    }

    /// <summary>Reads the recording of a worker that has exited: its tasks, the newest first; empty if there is no recording that can be read.</summary>
    public static IReadOnlyList<WorkerTaskRecord> Read(RecordingInvitation? invitation)
    {
        if (invitation is null) return [];
        try
        {
            return RecordingReader.Read(invitation.Path).Tasks;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The worker could not create the file, or has overwritten it. The error that is about to be created says everything else.
            return [];
        }
    }

    /// <summary>Deletes the recording of a worker that has exited.</summary>
    public static void Remove(RecordingInvitation? invitation)
    {
        if (invitation is null) return;
        using (s_gate.HoldRegardless()) s_paths.Remove(invitation.Path);
        FileSegment.TryDelete(invitation.Path);
    }

    /// <summary>Deletes what programs left long ago, on another thread. Only the first call in a process does that.</summary>
    public void SweepOnce()
    {
        if (Interlocked.Exchange(ref s_hasSwept, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static folder => RecordingSweep.Run((string)folder!, TimeProvider.System), _folder);
    }

    /// <summary>Creates the file, with its space; returns false without space, or without the right to create it.</summary>
    private bool TryCreate(string path)
    {
        try
        {
            RecordingFile.Create(path, _isPortable);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // tasks run without it
        }
    }

    private static void RemoveAll()
    {
        string[] paths;
        lock (s_gate)
        {
            s_isOver = true;
            paths = [.. s_paths];
        }

        foreach (string path in paths) FileSegment.TryDelete(path);
    }

    private static string ProgramName() =>
        Environment.GetCommandLineArgs() is [{ Length: > 0 } program, ..] ? Path.GetFileName(program) : Path.GetFileName(Environment.ProcessPath) ?? "";
}
