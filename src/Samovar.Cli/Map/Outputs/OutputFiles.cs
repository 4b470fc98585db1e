namespace Samovar.Cli.Map.Outputs;

/// <summary>Opens results and job log, new or where an earlier run stopped.</summary>
internal static class OutputFiles
{
    /// <param name="outputPath">Null for standard output.</param>
    /// <param name="logPath">Null for none.</param>
    /// <param name="resume">Whether to go on where the log ends; a log that is not there yet is begun.</param>
    /// <param name="againFailed">Whether a run that goes on runs what has failed again.</param>
    /// <param name="byText">Whether an item is known by its text.</param>
    /// <param name="header">Of this run.</param>
    /// <param name="makeWriter">Makes the writer for the results.</param>
    /// <param name="say">Gets a line about a file that cannot be kept from other runs.</param>
    /// <exception cref="UsageException">One cannot be opened, or they do not belong together or to this run.</exception>
    public static (ResultLog ResultLog, ResumePoint? Point) Open(
        string? outputPath, string? logPath, bool resume, bool againFailed, bool byText, JobLogHeader header, Func<AppendBuffer, ResultFormatter> makeWriter,
        Action<string> say)
    {
        ResumePoint? point = null;
        FileStream? log = logPath is null ? null : OpenFile(logPath, "job log", say);
        if (log is { Length: > 0 })
        {
            if (!resume)
            {
                throw new UsageException(
                    $"{logPath} holds the log of an earlier run. Add --resume to continue that run, or remove the file, or name another.");
            }

            point = ResumePoint.Read(log, logPath!, againFailed, byText);
            if (point.Header is not null) Compare(logPath!, point.Header, header);
            else point = null; // it was killed before its first line: nothing was begun
        }

        AppendBuffer output = outputPath is null
            ? new AppendBuffer("The output", StandardOutput.Open(), 0)
            : OpenOutput(outputPath, point, say);
        if (log is null) return (new ResultLog(makeWriter(output), null), null);

        long logLength = point?.LogLength ?? 0;
        if (log.Length != logLength) log.SetLength(logLength); // devices have no length to set
        log.Seek(0, SeekOrigin.End);
        var jobLog = new JobLog(new AppendBuffer($"The job log {logPath}", log, log.Length), hasOutput: outputPath is not null);
        if (point is null) jobLog.Begin(header);
        return (new ResultLog(makeWriter(output), jobLog), point);
    }

    private static AppendBuffer OpenOutput(string path, ResumePoint? point, Action<string> say)
    {
        FileStream file = OpenFile(path, "output", say);
        long length = point?.OutputLength ?? 0;
        if (file.CanSeek)
        {
            if (file.Length < length)
            {
                throw new UsageException(
                    $"{path} is shorter ({file.Length} bytes) than its job log says ({length}): it is not the one that run wrote. "
                    + "Put that one back, or run without --resume, with a new --job-log.");
            }

            if (file.Length != length) file.SetLength(length); // devices have no length to set
            file.Seek(0, SeekOrigin.End);
        }

        return new AppendBuffer(path, file, length);
    }

    private static FileStream OpenFile(string path, string kind, Action<string> say)
    {
        FileStream file;
        try
        {
            // Without a buffer of its own, since ours decides what is written when. What is in it stays until it is known what is wanted.
            file = new FileStream(path, FileMode.OpenOrCreate, kind == "output" ? FileAccess.Write : FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The {kind} {path} cannot be opened: {(Directory.Exists(path) ? "it is a folder." : e.Message)}");
        }

        try
        {
            if (WriterLock.Take(file, path) is { } refusal)
                say($"the {kind} {path} cannot be locked ({refusal}); a second run that writes to it at the same time would not be noticed.");
        }
        catch (IOException)
        {
            file.Dispose();
            throw new UsageException($"Another run writes to the {kind} {path} at this moment. Wait for it, or name another file.");
        }

        return file;
    }

    private static void Compare(string path, JobLogHeader then, JobLogHeader now)
    {
        Same("target", then.Target, now.Target);
        Same("method", then.Method, now.Method);
        Same("input", then.Input, now.Input);
        Same("output", then.Output ?? "standard output", now.Output ?? "standard output");
        Same("format", then.Format, now.Format);

        void Same(string what, string before, string after)
        {
            if (before != after)
            {
                throw new UsageException(
                    $"{path} is the log of another run: its {what} is {before}, now it is {after}. Give --resume the same command line.");
            }
        }
    }
}
