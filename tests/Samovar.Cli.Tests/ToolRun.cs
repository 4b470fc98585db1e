using System.Diagnostics;

namespace Samovar.Cli.Tests;

/// <summary>The result of a program that has exited: exit code and everything it wrote.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>The repository's root: the first folder upwards from the tests that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Runs the tool that was built with these tests.</summary>
    public static Task<ToolRun> ToolAsync(params string[] arguments) => ToolAsync([], arguments);

    public static Task<ToolRun> ToolAsync((string Name, string? Value)[] environment, params string[] arguments) =>
        ProgramAsync("dotnet", [ToolPath, .. arguments], environment);

    public static string ToolPath { get; } = Path.Combine(AppContext.BaseDirectory, "Samovar.Cli.dll");

    /// <summary>Runs any program with an empty input; it is killed when the test's time is up.</summary>
    public static async Task<ToolRun> ProgramAsync(
        string program, string[] arguments, (string Name, string? Value)[]? environment = null, string? folder = null)
    {
        CancellationToken timeout = TestContext.Current.CancellationToken;
        using Process process = await Starter.StartAsync(program, arguments, environment, folder);
        process.StandardInput.Close();
        return await EndAsync(process, timeout);
    }

    /// <summary>Waits for the end of a program; it is killed when the test's time is up.</summary>
    public static async Task<ToolRun> EndAsync(Process process, CancellationToken timeout)
    {
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout);
            await process.WaitForExitAsync(timeout);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Samovar.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no Samovar.slnx above {AppContext.BaseDirectory}");
        return folder.FullName;
    }
}
