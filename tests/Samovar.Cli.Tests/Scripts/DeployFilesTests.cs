using System.Globalization;
using System.Text.Json;
using Samovar.Cli.Commands;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Tests.Scripts;

/// <summary>The files of examples/deploy: their command lines are valid, and the times in them fit together.</summary>
public sealed class DeployFilesTests
{
    private static readonly string s_folder = Path.Combine(ToolRun.Root, "examples", "deploy");

    [ThreadFact]
    public void The_service_starts_a_valid_command_and_has_more_time_than_the_worker_needs_to_leave()
    {
        var settings = Service();
        string[] command = settings["ExecStart"].Replace("%H", "host", StringComparison.Ordinal).Replace("%d", "/run/credentials", StringComparison.Ordinal).Split(' ');

        Path.GetFileName(command[0]).ShouldBe("samovar");
        var drain = DrainTimeout(command[1..]);
        (settings["KillSignal"], settings["KillMode"]).ShouldBe(("SIGTERM", "mixed"));
        settings["TimeoutStopSec"].ShouldEndWith("min");
        TimeSpan.FromMinutes(int.Parse(settings["TimeoutStopSec"][..^3], CultureInfo.InvariantCulture)).ShouldBeGreaterThan(drain);
        settings.Keys.ShouldNotContain("MemoryDenyWriteExecute"); // .NET compiles at run time
    }

    [ProcessFact]
    public async Task Systemd_accepts_the_service()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed");
        string folder = Directory.CreateTempSubdirectory("samovar-unit-").FullName;
        try
        {
            string file = Path.Combine(folder, "samovar-worker.service");
            string text = await File.ReadAllTextAsync(Path.Combine(s_folder, "samovar-worker.service"), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(file, text.Replace("/opt/samovar/samovar", "/bin/true", StringComparison.Ordinal), TestContext.Current.CancellationToken);

            ToolRun run = await ToolRun.ProgramAsync("systemd-analyze", ["verify", file]);

            run.ExitCode.ShouldBe(0, run.Error);
            run.Error.ShouldNotContain("samovar-worker.service"); // an unknown setting is a warning
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [ThreadFact]
    public void The_image_starts_the_worker_as_its_first_process()
    {
        JsonSerializer.Deserialize<string[]>(After("ENTRYPOINT", "Containerfile")).ShouldBe(["/opt/samovar/samovar", "worker"]);
        After("USER", "Containerfile").ShouldBe("$APP_UID");
    }

    [ThreadFact]
    public void The_pods_start_a_valid_command_and_have_more_time_than_the_worker_needs_to_leave()
    {
        string text = File.ReadAllText(Path.Combine(s_folder, "kubernetes.yaml"));

        string[] arguments = JsonSerializer.Deserialize<string[]>(After("args:", "kubernetes.yaml"))!;
        TimeSpan grace = TimeSpan.FromSeconds(int.Parse(After("terminationGracePeriodSeconds:", "kubernetes.yaml"), CultureInfo.InvariantCulture));
        grace.ShouldBeGreaterThan(DrainTimeout(["worker", .. arguments]));
        foreach (string variable in (string[])[ClusterOptionSet.BrokerVariable, ClusterOptionSet.NameVariable, ClusterOptionSet.KeyVariable])
            text.ShouldContain($"- name: {variable}\n");
    }

    [ProcessFact]
    public async Task The_manifest_is_yaml_with_the_secret_that_the_pods_read()
    {
        FakePython.SkipUnlessInstalled();
        const string Program =
            """
            import sys
            try:
                import yaml
            except ImportError:
                sys.exit(77)
            secret, deployment = yaml.safe_load_all(open(sys.argv[1]))
            pod = deployment["spec"]["template"]["spec"]
            assert deployment["spec"]["selector"]["matchLabels"] == deployment["spec"]["template"]["metadata"]["labels"]
            for variable in pod["containers"][0]["env"]:
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference:
                    assert reference["name"] == secret["metadata"]["name"] and reference["key"] in secret["stringData"]
            assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
            """;
        ToolRun run = await ToolRun.ProgramAsync("python3", ["-c", Program, Path.Combine(s_folder, "kubernetes.yaml")]);

        Assert.SkipWhen(run.ExitCode == 77, "python3 has no yaml");
        run.ShouldBe(new ToolRun(0, "", ""));
    }

    private static Dictionary<string, string> Service() =>
        File.ReadLines(Path.Combine(s_folder, "samovar-worker.service")).Where(static line => line.Length > 0 && line[0] is not ('#' or '['))
            .Select(static line => line.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);

    private static TimeSpan DrainTimeout(string[] command)
    {
        var parsed = CommandLine.Parse(command);
        parsed.Errors.ShouldBeEmpty();
        parsed.UnmatchedTokens.ShouldBeEmpty();
        parsed.CommandResult.Command.Name.ShouldBe("worker");
        return Units.TryParseTime(command[Array.IndexOf(command, "--drain-timeout") + 1]).ShouldNotBeNull();
    }

    /// <summary>Returns what follows a word at the beginning of the only line that has it there.</summary>
    private static string After(string word, string file) => File.ReadLines(Path.Combine(s_folder, file)).Select(static line => line.Trim())
        .Single(line => line.StartsWith(word, StringComparison.Ordinal))[word.Length..].Trim();
}
