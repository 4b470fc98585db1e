using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Tests.Tracing;

/// <summary><c>samovar trace</c> records the very process that runs these tests, and others.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"samovar-trace-{Guid.NewGuid():N}.json");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [ProcessFact]
    public async Task The_tasks_that_complete_until_an_interrupt_are_in_the_file()
    {
        await using var executor = new ThreadExecutor(new() { Name = "traced from outside", Workers = 1 });
        await executor.Submit(static () => { }, new() { Name = "too early" });
        using Process tool = await Starter.StartAsync("dotnet", [ToolRun.ToolPath, "trace", $"{Environment.ProcessId}", "--output", _file]);
        (await tool.StandardError.ReadLineAsync(Token)).ShouldBe($"samovar: recording process {Environment.ProcessId} into {_file}; until Ctrl-C or the end of the program.");
        for (int i = 0; i < 3; i++) await executor.Submit(static () => { }, new() { Name = "in time" });

        await ToolRun.ProgramAsync("kill", ["-INT", tool.Id.ToString(CultureInfo.InvariantCulture)]);
        ToolRun run = await ToolRun.EndAsync(tool, Token);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Error.ShouldContain("https://ui.perfetto.dev");
        using var trace = JsonDocument.Parse(await File.ReadAllBytesAsync(_file, Token));
        trace.RootElement.EnumerateArray().Where(static one => one.TryGetProperty("args", out var arguments) && arguments.TryGetProperty("task", out _))
            .Select(static one => one.GetProperty("args").GetProperty("name").GetString())
            .Where(static name => name is "in time" or "too early").ShouldBe(["in time", "in time", "in time"]);
    }

    [ProcessFact]
    public async Task A_program_that_is_killed_leaves_what_it_had_written()
    {
        using Process program = await Starter.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "chapter", "12-coroutines.dll"), "real"]);
        try
        {
            (await program.StandardOutput.ReadLineAsync(Token)).ShouldNotBeNull();
            string pid = program.Id.ToString(CultureInfo.InvariantCulture);
            using Process tool = await Starter.StartAsync("dotnet", [ToolRun.ToolPath, "trace", pid, "--output", _file]);
            (await tool.StandardError.ReadLineAsync(Token)).ShouldNotBeNull();
            await ToolRun.ProgramAsync("kill", ["-KILL", pid]);
            ToolRun run = await ToolRun.EndAsync(tool, Token);

            run.ExitCode.ShouldBe(ExitCode.Success);
            run.Error.ShouldContain($"process {pid} was ");
            (await File.ReadAllTextAsync(_file, Token)).ShouldStartWith("[");
        }
        finally
        {
            program.Kill();
        }
    }

    [ProcessTheory]
    [InlineData("0", "PID takes a whole number of at least 1, not '")]
    [InlineData("2147483647", "there is no process 2147483647. 'samovar ps' lists the processes that have executors.")]
    public async Task A_number_that_is_no_process_is_refused(string pid, string why)
    {
        ToolRun run = await ToolRun.ToolAsync("trace", pid, "--output", _file);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(why);
        File.Exists(_file).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task A_process_that_cannot_be_recorded_leaves_an_existing_file_as_it_is()
    {
        await File.WriteAllTextAsync(_file, "an earlier trace", Token);
        using Process sleeper = await Starter.StartAsync("sleep", ["60"]);
        try
        {
            ToolRun run = await ToolRun.ToolAsync("trace", $"{sleeper.Id}", "--output", _file);

            run.ExitCode.ShouldBe(ExitCode.NoAnswer);
            (await File.ReadAllTextAsync(_file, Token)).ShouldBe("an earlier trace");
        }
        finally
        {
            sleeper.Kill();
        }
    }

    [ProcessFact]
    public async Task A_file_that_cannot_be_created_is_named()
    {
        await using var executor = new ThreadExecutor(new() { Name = "not traced", Workers = 1 });
        ToolRun run = await ToolRun.ToolAsync("trace", $"{Environment.ProcessId}", "--output", "/no/such/folder/t.json");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("samovar: /no/such/folder/t.json cannot be created: ");
    }
}
