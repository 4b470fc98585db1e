namespace Samovar.Cli.Map.Outputs;

/// <summary>Opens the results and the job log, either new or where an earlier run stopped.</summary>
internal static class OutputFiles
{
    /// <param name="outputPath">The path of the results; null for standard output.</param>
    /// <param name="logPath">The path of the job log; null for none.</param>
    /// <param name="resume">Whether to continue after the last entry of the log. A log that does not exist is created.</param>
    /// <param name="againFailed">Whether a resumed run runs failed items again.</param>
    /// <param name="byText">Whether items are identified by their text.</param>
    /// <param name="header">The header of this run.</param>
    /// <param name="makeWriter">Creates the formatter for the results.</param>
    /// <param name="say">Called with a message about a file that cannot be locked.</param>
    /// <exception cref="UsageException">A file cannot be opened, or the files do not match each other or this run.</exception>
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
                    $"{logPath} is the log of an earlier run. Add --resume to continue that run, or delete the file, or name another.");
            }

            point = ResumePoint.Read(log, logPath!, againFailed, byText);
            if (point.Header is not null) Compare(logPath!, point.Header, header);
            else point = null; // the run was killed before it wrote the first line, so no item had started
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
                    $"{path} has {file.Length} bytes, but its job log records {length}: it is not the file that the run wrote. "
                    + "Restore that file, or run without --resume, with a new --job-log.");
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
            // Unbuffered, because AppendBuffer decides when data is written. The contents stay until it is known whether the run resumes.
            file = new FileStream(path, FileMode.OpenOrCreate, kind == "output" ? FileAccess.Write : FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The {kind} {path} cannot be opened: {(Directory.Exists(path) ? "it is a folder." : e.Message)}");
        }

        try
        {
            if (WriterLock.Take(file, path) is { } refusal)
                say($"the {kind} {path} cannot be locked ({refusal}). Do not start a second run that writes to it at the same time.");
        }
        catch (IOException)
        {
            file.Dispose();
            throw new UsageException($"The {kind} {path} is in use by another run. Wait until that run has finished, or name another file.");
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
                    $"{path} is the log of a different run: its {what} is {before}, but this run has {after}. "
                    + "Use --resume with the same command line.");
            }
        }
    }
}
