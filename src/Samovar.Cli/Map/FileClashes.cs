namespace Samovar.Cli.Map;

/// <summary>Rejects a run that would overwrite its input, write two outputs to one file, or has an empty file name.</summary>
internal static class FileClashes
{
    /// <exception cref="UsageException">Two of the run's files are the same, or a name is empty.</exception>
    public static void Refuse(MapRequest request)
    {
        RequireName("output", request.Output);
        RequireName("job log", request.JobLog);
        RequireName("input", request.Input);
        string? output = Resolve(request.Output is "-" ? null : request.Output);
        string? log = Resolve(request.JobLog);
        if (output is not null && output == log)
            throw new UsageException($"{request.JobLog} cannot be both the output and the job log. Name two files.");

        bool readsText = request.Arguments is null && request.Range is null && request.Files.Count == 0;
        string? input = readsText ? Resolve(request.Input is null or "-" ? "/dev/stdin" : request.Input) : null;
        string? target = Resolve(request.Target);
        Check("output", request.Output, output);
        Check("job log", request.JobLog, log);

        void Check(string kind, string? name, string? path)
        {
            if (path is null) return;
            string? read = path == input ? "input" : path == target ? "target" : null;
            if (read is not null) throw new UsageException($"The {kind} {name} is also the {read}, which would be overwritten. Name another file.");
        }
    }

    private static void RequireName(string kind, string? name)
    {
        if (name is "") throw new UsageException($"The name of the {kind} is empty. Name a file.");
    }

    // The file behind any links; null for a device, or without a path, where nothing can be lost.
    private static string? Resolve(string? path)
    {
        if (string.IsNullOrEmpty(path)) return null;
        // For a relative path, the framework would resolve a relative link against the root.
        string full = Path.GetFullPath(path);
        if (File.Exists(full)) full = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        return full.StartsWith("/dev/", StringComparison.Ordinal) ? null : full;
    }
}
