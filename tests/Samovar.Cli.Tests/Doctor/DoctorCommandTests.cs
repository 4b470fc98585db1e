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
        CheckupText.Ranges([.. cores.GetProperty("affinity").EnumerateArray().Select(core => core.GetInt32())])
            .ShouldBe(Status("Cpus_allowed_list").Replace(",", ", ", StringComparison.Ordinal));

        JsonElement counts = report.GetProperty("counts");
        HardLimit(counts, "openFiles").ShouldBe(ProcLimit("Max open files"));
        HardLimit(counts, "processes").ShouldBe(ProcLimit("Max processes"));
    }

    [ProcessFact]
    public async Task Affinity_is_the_process_s_own_and_not_the_machine_s()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "affinity is set with taskset");
        Ran ran = await Ran.ProgramAsync("taskset", ["-c", FirstCore(), "dotnet", Ran.ToolPath, "doctor", "--json"]);

        JsonElement cores = JsonElement.Parse(ran.Output).GetProperty("cores");
        cores.GetProperty("affinity").GetArrayLength().ShouldBe(1);
        cores.GetProperty("usable").GetInt32().ShouldBe(1);
        ran.Output.ShouldContain("one core: waiting threads do not spin");
    }

    [ProcessFact]
    public async Task A_low_limit_of_open_files_is_noted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits are set with ulimit");
        Ran ran = await Ran.ProgramAsync("bash", ["-c", $"ulimit -n 256; exec dotnet '{Ran.ToolPath}' doctor"]);

        ran.ExitCode.ShouldBe(ExitCode.Success);
        ran.Output.ShouldContain("note 256 open files: room for about 32 worker processes");
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
            Ran ran = await Ran.ToolAsync([("TMPDIR", folder), ("DOTNET_EnableDiagnostics", "0")], "doctor", "--json");

            ran.Output.ShouldContain($"mapped in {folder}");
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
        Ran ran = await Ran.ToolAsync([("TMPDIR", "/no/such/folder")], "doctor", "--json");

        ran.ExitCode.ShouldBe(ExitCode.Success);
        JsonElement[] features = [.. JsonElement.Parse(ran.Output).GetProperty("features").EnumerateArray()];
        features.Where(f => !f.GetProperty("present").GetBoolean()).Select(f => f.GetProperty("name").GetString())
            .ShouldContain("mapped-files");
    }

    [ProcessFact]
    public async Task A_machine_that_cannot_start_workers_is_unfit_and_told_why()
    {
        Ran ran = await Ran.ToolAsync([("DOTNET_HOST_PATH", "/no/such/dotnet")], "doctor");

        ran.ExitCode.ShouldBe(ExitCode.Unfit);
        ran.Error.ShouldBeEmpty();
        ran.Output.ShouldContain("Samovar cannot run here: worker-host: '/no/such/dotnet --list-runtimes'");
        ran.Output.ShouldContain("install the .NET 10 runtime");
    }

    [ProcessFact]
    public async Task A_piped_report_has_no_escape_codes_and_no_trailing_blanks()
    {
        Ran ran = await Ran.ToolAsync([("TERM", "xterm-256color"), ("GITHUB_ACTIONS", "true"), ("CI", "true")], "doctor");

        ran.ExitCode.ShouldBe(ExitCode.Success);
        ran.Output.ShouldNotContain('\e');
        ran.Output.Split('\n').ShouldAllBe(line => line == line.TrimEnd());
        ran.Output.ShouldEndWith("Samovar can run here.\n");
    }

    [ProcessTheory]
    [InlineData(null, true)]
    [InlineData("1", false)]
    public async Task On_a_terminal_there_is_colour_unless_NO_COLOR_is_set(string? value, bool coloured)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "script makes the terminal");
        Ran ran = await Ran.ProgramAsync(
            "script", ["-qec", $"dotnet '{Ran.ToolPath}' doctor", "/dev/null"], [("NO_COLOR", value), ("TERM", "xterm-256color")]);

        ran.ExitCode.ShouldBe(ExitCode.Success);
        ran.Output.Contains("\e[38;", StringComparison.Ordinal).ShouldBe(coloured);
        ran.Output.Contains("\e[0m", StringComparison.Ordinal).ShouldBe(coloured);
    }

    private static async Task<JsonElement> ReportAsync()
    {
        Ran ran = await Ran.ToolAsync("doctor", "--json");
        ran.ExitCode.ShouldBe(ExitCode.Success, ran.Output + ran.Error);
        return JsonElement.Parse(ran.Output);
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
