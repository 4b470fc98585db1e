using System.Globalization;
using System.Text.Json;
using Samovar.Cli.Doctor;

namespace Samovar.Cli.Tests.Doctor;

/// <summary>The real tool, run as a process, against what the kernel says of a process.</summary>
public sealed class DoctorCommandTests
{
    [ProcessFact]
    public async Task The_report_on_this_machine_agrees_with_proc()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /proc here");
        JsonElement report = await ReportAsync();

        report.GetProperty("samovar").GetString().ShouldBe(typeof(FutureState).Assembly.GetName().Version!.ToString(3));
        report.GetProperty("runtime").GetProperty("version").GetString().ShouldBe(Environment.Version.ToString());
        report.GetProperty("system").GetProperty("kernel").GetString()
            .ShouldBe($"Linux {(await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", TestContext.Current.CancellationToken)).Trim()}");

        JsonElement cores = report.GetProperty("cores");
        cores.GetProperty("usable").GetInt32().ShouldBe(Environment.ProcessorCount);
        HealthReportText.Ranges([.. cores.GetProperty("affinity").EnumerateArray().Select(core => core.GetInt32())])
            .ShouldBe(Status("Cpus_allowed_list").Replace(",", ", ", StringComparison.Ordinal));

        JsonElement counts = report.GetProperty("counts");
        HardLimit(counts, "openFiles").ShouldBe(ProcLimit("Max open files"));
        HardLimit(counts, "processes").ShouldBe(ProcLimit("Max processes"));
    }

    [ProcessFact]
    public async Task Affinity_is_the_process_s_own_and_not_the_machine_s()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "affinity is set with taskset");
        ToolRun run = await ToolRun.ProgramAsync("taskset", ["-c", FirstCore(), "dotnet", ToolRun.ToolPath, "doctor", "--json"]);

        JsonElement cores = JsonElement.Parse(run.Output).GetProperty("cores");
        cores.GetProperty("affinity").GetArrayLength().ShouldBe(1);
        cores.GetProperty("usable").GetInt32().ShouldBe(1);
        run.Output.ShouldContain("one core: waiting threads do not spin");
    }

    [ProcessFact]
    public async Task A_low_limit_of_open_files_is_noted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits are set with ulimit");
        ToolRun run = await ToolRun.ProgramAsync("bash", ["-c", $"ulimit -n 256; exec dotnet '{ToolRun.ToolPath}' doctor"]);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.ShouldContain("note a limit of 256 open files: enough for about 32 worker processes");
    }

    [ProcessFact]
    public async Task Every_feature_is_reported_once_and_the_missing_ones_with_what_follows()
    {
        JsonElement[] features = [.. (await ReportAsync()).GetProperty("features").EnumerateArray()];

        features.Select(f => f.GetProperty("name").GetString()).ShouldBe(
            ["memfd", "futex", "pidfd", "process-groups", "mapped-files", "unix-sockets", "worker-host", "python3", "node"],
            ignoreOrder: true);
        foreach (JsonElement feature in features)
        {
            feature.GetProperty("detail").GetString().ShouldNotBeNullOrWhiteSpace();
            bool present = feature.GetProperty("present").GetBoolean();
            string.IsNullOrWhiteSpace(feature.GetProperty("without").GetString()).ShouldBe(present);
        }
    }

    [ProcessFact]
    public async Task Probing_leaves_nothing_in_the_temporary_folder()
    {
        string folder = Directory.CreateTempSubdirectory("samovar-tests-").FullName;
        try
        {
            ToolRun run = await ToolRun.ToolAsync([("TMPDIR", folder), ("DOTNET_EnableDiagnostics", "0")], "doctor", "--json");

            run.Output.ShouldContain($"mapped in {folder}");
            Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [ProcessFact]
    public async Task An_unusable_temporary_folder_costs_the_stand_ins_only_where_memfd_and_futex_are_there()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has memfd and futex");
        ToolRun run = await ToolRun.ToolAsync([("TMPDIR", "/no/such/folder")], "doctor", "--json");

        run.ExitCode.ShouldBe(ExitCode.Success);
        JsonElement[] features = [.. JsonElement.Parse(run.Output).GetProperty("features").EnumerateArray()];
        features.Where(f => !f.GetProperty("present").GetBoolean()).Select(f => f.GetProperty("name").GetString())
            .ShouldContain("mapped-files");
    }

    [ProcessFact]
    public async Task A_machine_that_cannot_start_workers_is_unfit_and_the_reason_is_reported()
    {
        ToolRun run = await ToolRun.ToolAsync([("DOTNET_HOST_PATH", "/no/such/dotnet")], "doctor");

        run.ExitCode.ShouldBe(ExitCode.Unfit);
        run.Error.ShouldBeEmpty();
        run.Output.ShouldContain("Samovar cannot run here: worker-host: '/no/such/dotnet --list-runtimes'");
        run.Output.ShouldContain("install the .NET 10 runtime");
    }

    [ProcessFact]
    public async Task A_piped_report_has_no_escape_codes_and_no_trailing_blanks()
    {
        ToolRun run = await ToolRun.ToolAsync([("TERM", "xterm-256color"), ("GITHUB_ACTIONS", "true"), ("CI", "true")], "doctor");

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.ShouldNotContain('\e');
        run.Output.Split('\n').ShouldAllBe(line => line == line.TrimEnd());
        run.Output.ShouldEndWith("Samovar can run here.\n");
    }

    [ProcessTheory]
    [InlineData(null, true)]
    [InlineData("1", false)]
    public async Task On_a_terminal_there_is_colour_unless_NO_COLOR_is_set(string? value, bool coloured)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "script makes the terminal");
        ToolRun run = await ToolRun.ProgramAsync(
            "script", ["-qec", $"dotnet '{ToolRun.ToolPath}' doctor", "/dev/null"], [("NO_COLOR", value), ("TERM", "xterm-256color")]);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.Contains("\e[38;", StringComparison.Ordinal).ShouldBe(coloured);
        run.Output.Contains("\e[0m", StringComparison.Ordinal).ShouldBe(coloured);
    }

    private static async Task<JsonElement> ReportAsync()
    {
        ToolRun run = await ToolRun.ToolAsync("doctor", "--json");
        run.ExitCode.ShouldBe(ExitCode.Success, run.Output + run.Error);
        return JsonElement.Parse(run.Output);
    }

    private static long? HardLimit(JsonElement counts, string name) =>
        counts.GetProperty(name).GetProperty("hard") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    // "Max open files            1024                 524288               files"
    private static long? ProcLimit(string name) =>
        long.TryParse(File.ReadLines("/proc/self/limits").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture, out long value) ? value : null;

    private static string Status(string name) =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(':')[1].Trim();

    private static string FirstCore() => Status("Cpus_allowed_list").Split('-', ',')[0];
}
