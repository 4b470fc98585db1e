namespace Samovar.Cli.Map;

/// <summary>Refuses a run that would write over what it reads, or two things into one file, or that names no file where one belongs.</summary>
internal static class FileClashes
{
    /// <exception cref="UsageException">Two of its files are the same, or a name is empty.</exception>
    public static void Refuse(MapRequest request)
    {
        RequireName("output", request.Output);
        RequireName("job log", request.JobLog);
        RequireName("input", request.Input);
        string? output = Resolve(request.Output is "-" ? null : request.Output);
        string? log = Resolve(request.JobLog);
        if (output is not null && output == log)
            throw new UsageException($"{request.JobLog} cannot hold both the results and the job log. Name two files.");

        bool readsText = request.Arguments is null && request.Range is null && request.Files.Count == 0;
        string? input = readsText ? Resolve(request.Input is null or "-" ? "/dev/stdin" : request.Input) : null;
        string? target = Resolve(request.Target);
        Check("output", request.Output, output);
        Check("job log", request.JobLog, log);

        void Check(string kind, string? name, string? path)
        {
            if (path is null) return;
            string? read = path == input ? "input" : path == target ? "target" : null;
            if (read is not null) throw new UsageException($"The {kind} {name} is the {read} too, which would be lost. Name another file.");
        }
    }

    private static void RequireName(string kind, string? name)
    {
        if (name is "") throw new UsageException($"The name of the {kind} is empty. Name a file.");
    }

    // The file itself, behind links; null where there is none to lose.
    private static string? Resolve(string? path)
    {
        if (string.IsNullOrEmpty(path)) return null;
        string full = Path.GetFullPath(path); // of a relative path the framework resolves a relative link against the root
        if (File.Exists(full)) full = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        return full.StartsWith("/dev/", StringComparison.Ordinal) ? null : full;
    }
}
