using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Samovar.Cli.Tests.Dashboard;

/// <summary><c>samovar dashboard</c> serves the pages for another process.</summary>
public sealed class DashboardCommandTests
{
    [ProcessFact]
    public async Task The_link_opens_the_pages_of_a_process_and_a_killed_process_is_shown_with_how_it_ended()
    {
        using var program = await StartProgramAsync();
        using var tool = await Starter.StartAsync("dotnet", [ToolRun.ToolPath, "dashboard", Number(program.Id), "--no-browser"]);
        try
        {
            var link = new Uri((await LineAsync(tool, "?token=")).Split(' ')[^1]);
            using var client = new HttpClient { BaseAddress = new Uri(link, "/"), Timeout = TestTimeout.Wait };
            using (var stranger = new HttpClient()) (await stranger.GetAsync(client.BaseAddress)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await client.GetAsync(link)).StatusCode.ShouldBe(HttpStatusCode.OK);
            using var events = new StreamReader(await client.GetStreamAsync(new Uri("events", UriKind.Relative)));
            (await LineAsync(events, "\"pid\":")).ShouldContain($"\"pid\":{Number(program.Id)},");
            (await LineAsync(events, "\"picture\":")).ShouldContain("\"name\":\"kettles\"");

            program.Kill();

            (await LineAsync(events, "signal 9|was killed")).ShouldContain($"Process {Number(program.Id)} was ");
            (await LineAsync(tool, "The page keeps the last picture")).ShouldStartWith($"Process {Number(program.Id)} was ");
            using var reloaded = new StreamReader(await client.GetStreamAsync(new Uri("events", UriKind.Relative)));
            (await LineAsync(reloaded, "\"picture\":")).ShouldContain("\"name\":\"kettles\"");
            await LineAsync(reloaded, "event: ended");
            using (var kill = Process.Start("kill", ["-INT", Number(tool.Id)])) await kill.WaitForExitAsync();
            await tool.WaitForExitAsync().WaitAsync(TestTimeout.Wait);
            tool.ExitCode.ShouldBe(ExitCode.Interrupted);
        }
        finally
        {
            Kill(tool);
            Kill(program);
        }
    }

    [ProcessFact]
    public async Task Errors_of_the_user_are_reported_as_sentences()
    {
        var missing = await ToolRun.ToolAsync("dashboard", "2000000000", "--no-browser");
        missing.ExitCode.ShouldBe(ExitCode.Usage);
        missing.Error.ShouldContain("there is no process 2000000000");
        var port = await ToolRun.ToolAsync("dashboard", Number(Environment.ProcessId), "--port", "70000");
        port.ExitCode.ShouldBe(ExitCode.Usage);
        port.Error.ShouldContain("--port takes a whole number from 1 to 65,535");
    }

    /// <summary>Otherwise each command would start later, and none would run where only the .NET runtime is installed.</summary>
    [ThreadFact]
    public void The_tool_does_not_start_with_the_framework_of_its_dashboard() =>
        File.ReadAllText(Path.ChangeExtension(ToolRun.ToolPath, ".runtimeconfig.json")).ShouldNotContain("AspNetCore");

    private static async Task<Process> StartProgramAsync()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // artifacts/bin/Samovar.Cli.Tests/debug
        string path = Path.Combine(here.Parent!.Parent!.FullName, "Samovar.Dashboard.Tests.Child", here.Name, "Samovar.Dashboard.Tests.Child.dll");
        var program = await Starter.StartAsync("dotnet", [path]);
        await LineAsync(program, "ready");
        return program;
    }

    private static Task<string> LineAsync(Process process, string text) => LineAsync(process.StandardOutput, text);

    /// <summary>Reads lines until one has the text, or one of several separated by bars.</summary>
    private static async Task<string> LineAsync(StreamReader lines, string text)
    {
        using var waiting = TestWaits.Begin($"a line with '{text}'");
        string[] choices = text.Split('|');
        while (await lines.ReadLineAsync().WaitAsync(TestTimeout.Wait) is { } line)
        {
            if (Array.Exists(choices, choice => line.Contains(choice, StringComparison.Ordinal))) return line;
        }

        throw new InvalidOperationException($"There is no line with '{text}'.");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Kill(Process process)
    {
        if (!process.HasExited) process.Kill();
    }
}
