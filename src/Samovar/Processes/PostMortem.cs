using Samovar.Processes.Recorder;

namespace Samovar;

/// <summary>What the workers of a program were doing and did last, from the records that survive the program's crash or kill.</summary>
/// <remarks>
/// <para>Each worker of a <see cref="ProcessExecutor"/> records its last tasks in a file, unless
/// <see cref="ProcessExecutorOptions.KeepsPostMortem"/> is false or the environment variable <c>SAMOVAR_POST_MORTEM</c> is <c>off</c>. The files are
/// in <c>/dev/shm</c>, elsewhere in the temporary folder, or in the folder that the variable names; only their user can read them. They are deleted when
/// the worker exits, and remain only if the program crashed or was killed: until they are removed (<see cref="Remove"/>,
/// <c>samovar post-mortem --remove</c>), or for a week after another program has started workers; at most 512 are kept.</para>
/// <para>The records of a program that is running can be read too. An instance is a snapshot and does not change; its members can be used by any
/// thread.</para>
/// </remarks>
/// <example>
/// <code>
/// foreach (var program in PostMortem.FindAll().Where(static program => !program.IsRunning &amp;&amp; program.Program == "kitchen.dll"))
/// {
///     foreach (var worker in program.Workers) report.Add($"{worker.Executor} was running {worker.RunningTask?.Function ?? "nothing"}");
///     program.Remove();
/// }
/// </code>
/// </example>
public sealed class PostMortem
{
    private PostMortem(in RecordingName name, List<(string Path, RecordingContents? Contents, WorkerPostMortem Worker)> workers)
    {
        ProcessId = name.Parent.Id;
        IsRunning = name.IsRunning;
        Program = workers.Find(static worker => worker.Contents is not null).Contents?.Program ?? "";
        Workers = [.. workers.Select(static worker => worker.Worker).OrderBy(static worker => worker.Executor, StringComparer.Ordinal).ThenBy(static worker => worker.Number)];
        LastActivity = Workers.Select(LastActivityOf).Max();
    }

    /// <summary>Gets the id of the program's process.</summary>
    public int ProcessId { get; }

    /// <summary>Gets the file name of the program, at most 128 bytes of it in UTF-8; empty if no record can be read.</summary>
    public string Program { get; }

    /// <summary>Gets whether the program was running when this snapshot was taken. On Linux, a program in another PID namespace, such as a container,
    /// is not visible and counts as ended.</summary>
    public bool IsRunning { get; }

    /// <summary>Gets when one of the workers last became ready, started a task or ended one; the program ended then or later.</summary>
    public DateTimeOffset LastActivity { get; }

    /// <summary>Gets the workers that the program had, ordered by executor and number. Workers that had exited before the program are not among
    /// them.</summary>
    public IReadOnlyList<WorkerPostMortem> Workers { get; }

    /// <summary>Finds the programs of this user that have records, running ones included, those with the latest activity first.</summary>
    /// <returns>A snapshot for each program. A record that cannot be read is in it, with its <see cref="WorkerPostMortem.Problem"/>.</returns>
    /// <exception cref="InvalidOperationException"><c>SAMOVAR_POST_MORTEM</c> has a value that is not valid.</exception>
    /// <exception cref="IOException">The folder cannot be listed, or no descriptor is left.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not list the folder.</exception>
    public static IReadOnlyList<PostMortem> FindAll() => FindAmong(RecordingFolder.List(RecordingFolder.ForReading));

    /// <summary>Finds the programs of this user that have records among the files of a list. They may have been renamed since they were
    /// listed.</summary>
    internal static IReadOnlyList<PostMortem> FindAmong(IEnumerable<string> paths)
    {
        var found = new Dictionary<RecordingName, List<(string, RecordingContents?, WorkerPostMortem)>>();
        foreach (string path in paths)
        {
            if (RecordingName.TryParse(Path.GetFileName(path.AsSpan())) is not { } name) continue;
            if (Read(path, name) is not { } worker) continue;
            var program = ProgramOf(name);
            if (!found.TryGetValue(program, out var workers)) found.Add(program, workers = []);
            workers.Add(worker);
        }

        return [.. found.Select(static one => new PostMortem(one.Key, one.Value)).OrderByDescending(static program => program.LastActivity)];
    }

    /// <summary>Finds the records of a program by its process id. If several programs have had the id, returns the running one, or else the one with
    /// the latest activity.</summary>
    /// <param name="processId">The id of the program's process, not of a worker.</param>
    /// <returns>The snapshot; null if there are no records of such a program of this user.</returns>
    /// <inheritdoc cref="FindAll"/>
    public static PostMortem? Find(int processId) =>
        FindAll().Where(program => program.ProcessId == processId).OrderByDescending(static program => program.IsRunning).FirstOrDefault();

    /// <summary>Reads the record of one worker, for example a copy from another machine.</summary>
    /// <param name="path">The path of the file. A path from a snapshot stays valid if another program renames the file to note that the program of
    /// the worker has exited.</param>
    /// <returns>A snapshot with this one worker.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file does not exist, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read the file.</exception>
    /// <exception cref="InvalidDataException">The file is no record of tasks, is damaged, or was written by another version of Samovar.</exception>
    public static PostMortem Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RecordingContents contents;
        try
        {
            contents = RecordingReader.Read(path);
        }
        catch (FileNotFoundException) when (PathOfEnded(path) is { } ended && File.Exists(ended) && !RecordingReader.IsForeign(ended))
        {
            return Open(ended);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"The tasks in {path} cannot be read: {e.Message}.", e);
        }

        // A copy may have any name, and its process may be of another machine.
        var name = RecordingName.TryParse(Path.GetFileName(path.AsSpan())) ?? new RecordingName(contents.Parent, "", 0, contents.WorkerNumber);
        return new PostMortem(ProgramOf(name with { Parent = contents.Parent }), [(path, contents, WorkerOf(path, contents))]);
    }

    /// <summary>Deletes the files of this snapshot. Files that no longer exist are ignored.</summary>
    /// <exception cref="InvalidOperationException">The program was running when this snapshot was taken: it deletes its files itself.</exception>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not delete a file.</exception>
    public void Remove()
    {
        if (IsRunning) throw new InvalidOperationException($"Process {ProcessId} is running, and deletes the records of its workers itself.");
        foreach (var worker in Workers)
        {
            File.Delete(worker.Path);

            if (PathOfEnded(worker.Path) is { } ended) File.Delete(ended); // another program may have renamed it since this snapshot was taken
        }
    }

    /// <summary>Returns the path that another program gives to a record when it finds that the record's program has exited; null if the path does not
    /// change any more.</summary>
    private static string? PathOfEnded(string path) =>
        RecordingName.TryParse(Path.GetFileName(path.AsSpan())) is { IsEnded: false } name ? name.PathOfEnded(path) : null;

    private static RecordingName ProgramOf(in RecordingName name) => name with { Executor = 0, Worker = 0, IsEnded = false };

    private static (string, RecordingContents?, WorkerPostMortem)? Read(string path, in RecordingName name)
    {
        if (RecordingReader.IsForeign(path)) return null;
        try
        {
            var contents = RecordingReader.Read(path);
            return (path, contents, WorkerOf(path, contents));
        }
        catch (FileNotFoundException)
        {
            if (name.IsEnded) return null;
            return Read(name.PathOfEnded(path), name with { IsEnded = true }); // renamed meanwhile, or its worker has exited and the file is gone
        }
        catch (InvalidDataException) when (RecordingReader.IsEmpty(path))
        {
            return null; // its worker was starting and has recorded nothing
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // Reported as this worker's problem; the others are shown.
            return (path, null, new WorkerPostMortem { Number = name.Worker, Path = path, Problem = e.Message });
        }
    }

    private static WorkerPostMortem WorkerOf(string path, RecordingContents contents) => new()
    {
        Executor = contents.Executor,
        Number = contents.WorkerNumber,
        ProcessId = contents.WorkerId,
        ReadyAt = contents.Opened,
        LastTasks = contents.Tasks,
        Path = path,
    };

    private static DateTimeOffset LastActivityOf(WorkerPostMortem worker) =>
        worker.LastTasks is [var newest, ..] ? newest.StartedAt + Clamped(newest) : worker.ReadyAt;

    private static TimeSpan Clamped(WorkerTaskRecord task) =>
        task.Duration is { } took && took < DateTimeOffset.MaxValue - task.StartedAt ? took : TimeSpan.Zero;
}
