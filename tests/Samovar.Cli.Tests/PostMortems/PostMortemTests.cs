using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Tests.PostMortems;

/// <summary><c>samovar post-mortem</c> looks at a real program that was killed.</summary>
public sealed class PostMortemTests
{
    private static readonly string s_kitchen = Path.Combine(AppContext.BaseDirectory, "Samovar.Tests.Child.dll");

    [ProcessFact]
    public async Task A_killed_program_is_listed_and_shown_with_the_tasks_of_its_workers_and_removed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The program kills itself by the signals of Linux.");
        string pid = await KilledAsync();

        ToolRun list = await ToolRun.ToolAsync("post-mortem");
        list.ExitCode.ShouldBe(ExitCode.Success, list.Error);
        list.Output.ShouldMatch($@"(?m)^ *{pid} Samovar\.Tests\.Child\.dll .* 2 +task \d+ '(tea|milk)' \(KitchenCommands\.HoldKitchen, lambda\), task");

        ToolRun shown = await ToolRun.ToolAsync("post-mortem", pid);
        shown.ExitCode.ShouldBe(ExitCode.Success, shown.Error);
        shown.Error.ShouldBeEmpty();
        shown.Output.ShouldMatch($@"^process {pid}: Samovar\.Tests\.Child\.dll, ended; last activity \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d\d\dZ\n");
        foreach (string name in (string[])["tea", "milk"])
            shown.Output.ShouldMatch($@"\nkitchen #\d \(process \d+\): was running task \d '{name}' \(KitchenCommands\.HoldKitchen, lambda\), attempt 1, since \d{{4}}-\S+ \S+Z\n *TASK +STARTED");
        shown.Output.ShouldMatch(@"\n *\d \S+ \S+Z +\S+ [mµ]?s failed +KitchenCommands\.HoldKitchen, lambda empty cup\n");

        using var json = JsonDocument.Parse((await ToolRun.ToolAsync("post-mortem", pid, "--json", "--most", "1")).Output);
        json.RootElement.GetProperty("pid").GetInt32().ShouldBe(int.Parse(pid, CultureInfo.InvariantCulture));
        json.RootElement.GetProperty("isRunning").GetBoolean().ShouldBeFalse();
        json.RootElement.GetProperty("workers").EnumerateArray().Select(static worker => worker.GetProperty("tasks").EnumerateArray().Single())
            .Select(static task => $"{task.GetProperty("name")} {task.GetProperty("state")} {task.GetProperty("milliseconds").ValueKind}")
            .ShouldBe(["tea Running Null", "milk Running Null"], ignoreOrder: true);

        (await ToolRun.ToolAsync("post-mortem", pid, "--remove")).Output.ShouldBe(shown.Output);
        ToolRun gone = await ToolRun.ToolAsync("post-mortem", pid);
        gone.ExitCode.ShouldBe(ExitCode.Usage);
        gone.Error.ShouldStartWith($"samovar: there are no records of a process {pid} with worker processes.");
    }

    [ProcessFact]
    public async Task A_running_program_is_shown_as_such_and_keeps_its_records()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The program kills itself by the signals of Linux.");
        using Process kitchen = await KitchenAsync();
        string pid = kitchen.Id.ToString(CultureInfo.InvariantCulture);
        try
        {
            ToolRun run = await ToolRun.ToolAsync("post-mortem", pid, "--remove");

            run.ExitCode.ShouldBe(ExitCode.Usage);
            run.Error.ShouldBe($"samovar: process {pid} is running, and deletes the records of its workers itself.\n");
            run.Output.ShouldContain(", still running; last activity ");
            run.Output.ShouldContain(": is running task ");
            (await ToolRun.ToolAsync("post-mortem")).Output.ShouldNotContain($" {pid} ");
        }
        finally
        {
            kitchen.Kill();
            await kitchen.WaitForExitAsync(TestContext.Current.CancellationToken);
            PostMortem.Find(kitchen.Id)?.Remove();
        }
    }

    [ProcessFact]
    public async Task Files_that_are_no_records_are_one_plain_error()
    {
        string folder = Directory.CreateTempSubdirectory("samovar-no-records-").FullName;
        try
        {
            string garbage = Path.Combine(folder, "garbage");
            await File.WriteAllBytesAsync(garbage, new byte[16_896], TestContext.Current.CancellationToken);
            string none = Path.Combine(folder, "none");

            await RefusedAsync(garbage, $"samovar: The tasks in {garbage} cannot be read: it is not a recording of tasks, or its worker died while it created it.\n");
            await RefusedAsync(none, $"samovar: there is no file {none}, and it is no process id either.\n");
            await RefusedAsync("99999999999", $"samovar: there is no file {Path.Combine(Environment.CurrentDirectory, "99999999999")}, and it is no process id either.\n");
            await RefusedAsync("2147483647", "samovar: there are no records of a process 2147483647 with worker processes. "
                + "'samovar post-mortem' lists the programs that left some; 'samovar ps' shows running ones.\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static async Task RefusedAsync(string which, string why)
        {
            ToolRun run = await ToolRun.ToolAsync("post-mortem", which);
            (run.ExitCode, run.Output, run.Error).ShouldBe((ExitCode.Usage, "", why));
        }
    }

    [ProcessFact]
    public async Task The_records_are_where_the_environment_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The program kills itself by the signals of Linux.");
        string folder = Directory.CreateTempSubdirectory("samovar-records-").FullName;
        try
        {
            (string, string?)[] environment = [("SAMOVAR_POST_MORTEM", folder)];
            string pid = await KilledAsync(environment);

            Directory.GetFiles(folder).Length.ShouldBe(2);
            (await ToolRun.ToolAsync("post-mortem", pid)).ExitCode.ShouldBe(ExitCode.Usage);
            (await ToolRun.ToolAsync(environment, "post-mortem", pid)).Output.ShouldContain("'tea'");
            (await ToolRun.ToolAsync("post-mortem", Directory.GetFiles(folder)[0])).Output.ShouldContain($"process {pid}: Samovar.Tests.Child.dll, ended");
            (await ToolRun.ToolAsync(environment, "post-mortem", "--remove")).ExitCode.ShouldBe(ExitCode.Success);
            Directory.GetFiles(folder).ShouldBeEmpty();
            (await ToolRun.ToolAsync(environment, "post-mortem")).Output.ShouldBe("No program of yours has crashed or was killed and left records.\n");
            (await ToolRun.ToolAsync(environment, "post-mortem", "--json")).Output.ShouldBe("[]\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> KilledAsync((string Name, string? Value)[]? environment = null)
    {
        using Process kitchen = await KitchenAsync(environment);
        kitchen.Kill();
        await kitchen.WaitForExitAsync(TestContext.Current.CancellationToken);
        return kitchen.Id.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<Process> KitchenAsync((string Name, string? Value)[]? environment = null)
    {
        var kitchen = await Starter.StartAsync("dotnet", [s_kitchen, "kitchen"], [.. environment ?? [], ("DOTNET_EnableDiagnostics", "0")]);
        (await kitchen.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull();
        return kitchen;
    }
}
