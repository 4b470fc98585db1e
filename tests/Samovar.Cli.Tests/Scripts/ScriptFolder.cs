namespace Samovar.Cli.Tests.Scripts;

/// <summary>
/// A small repository in a temporary folder: the real scripts, and in front of PATH stand-ins for the programs they call,
/// each a few lines of bash that append their arguments to <c>calls</c>.
/// </summary>
internal sealed class ScriptFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-scripts-");

    public ScriptFolder(params string[] scripts)
    {
        // Resolved, so that a path printed by a script compares equal also where the temporary folder is a link.
        Root = new DirectoryInfo(Path.Combine(_folder.FullName, "a repository"));
        foreach (string folder in (string[])["src/Samovar.Cli", "build", "tests", "benchmarks", "examples/chapter", ".ci"])
            Root.CreateSubdirectory(folder);
        Write("Directory.Build.props", "");
        Write("global.json", "{}");
        Write("src/Samovar.Cli/Program.cs", "");
        foreach (string script in scripts) File.Copy(Path.Combine(ToolRun.Root, script), PathOf(script));
    }

    public DirectoryInfo Root { get; }

    /// <summary>The calls of the stand-ins, in order.</summary>
    public string[] Calls => File.Exists(PathOf("calls")) ? File.ReadAllLines(PathOf("calls")) : [];

    public string PathOf(string name) => Path.Combine(Root.FullName, name);

    public void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    /// <summary>Puts a stand-in in front of PATH.</summary>
    public void StandIn(string program, string script)
    {
        Directory.CreateDirectory(PathOf("../bin"));
        Write($"../bin/{program}", $"#!/usr/bin/env bash\ncalls='{PathOf("calls")}'\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(PathOf($"../bin/{program}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public Task<ToolRun> RunAsync(string script, params string[] arguments) => RunInAsync(Root.FullName, PathOf(script), arguments);

    public Task<ToolRun> RunInAsync(string folder, string script, params string[] arguments) =>
        ToolRun.ProgramAsync(script, arguments, [("PATH", $"{PathOf("../bin")}:{Environment.GetEnvironmentVariable("PATH")}")], folder);

    public void Dispose() => _folder.Delete(recursive: true);
}
