using System.Runtime.Versioning;

namespace Samovar.Tests.Processes;

/// <summary>
/// Workers start from every way a program may be started itself. (That of xunit's own runner is what the other tests show.)
/// </summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class HostingTests
{
    [ProcessFact]
    public async Task From_dotnet_and_a_dll() =>
        (await ProgramRun.OutputOfAsync("dotnet", ProgramRun.ChildProgram, "start-worker")).ShouldStartWith("ready");

    [ProcessFact]
    public async Task From_dotnet_exec_with_files_of_another_program() =>
        (await ProgramRun.OutputOfAsync("dotnet", "exec", "--runtimeconfig", Beside("Samovar.Tests.runtimeconfig.json"),
            "--depsfile", Beside("Samovar.Tests.deps.json"), ProgramRun.ChildProgram, "start-worker")).ShouldStartWith("ready");

    [ProcessFact]
    public async Task From_an_apphost() =>
        (await ProgramRun.OutputOfAsync(Beside("Samovar.Tests.Child"), "start-worker")).ShouldStartWith("ready");

    private const string SwitchesOfFileBasedPrograms = """
        , "configProperties": {
          "System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported": false,
          "System.Diagnostics.Tracing.EventSource.IsSupported": false,
          "System.StartupHookProvider.IsSupported": false,
          "System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault": false }
        """;

    [ProcessTheory]
    [InlineData("")]
    [InlineData(SwitchesOfFileBasedPrograms)]
    public async Task Without_a_deps_file_also_with_the_switches_of_file_based_programs(string switches) =>
        (await OutputWithSwitchesAsync(switches, "start-worker")).ShouldStartWith("ready");

    [ProcessFact]
    public async Task Without_dynamic_code_what_needs_none_works_and_the_rest_says_why_it_does_not()
    {
        string[] said = (await OutputWithSwitchesAsync(SwitchesOfFileBasedPrograms, "without-dynamic-code")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        said.ShouldBe([
            "threads: 42", "map: 1 4 9", "loop: 42", "inline: 42", "lock: entered", "array: 42",
            "queue of numbers: 42", "queue of structs: 1.5 True", "queue of texts: tea", "queue of bytes: 3", "pipe of numbers: 42",
            "queue of lists: refused", "opened queue of lists: refused", "queue of nullables: refused", "pipe of lists: refused", "completion with an error: refused",
            "pool: refused", "child: refused", "message: refused",
        ]);
    }

    private static async Task<string> OutputWithSwitchesAsync(string switches, string command)
    {
        string directory = Directory.CreateTempSubdirectory("samovar-host").FullName;
        foreach (string file in (string[])["Samovar.dll", "Samovar.Tests.Child.dll", "Microsoft.Extensions.Logging.Abstractions.dll", "Microsoft.Extensions.DependencyInjection.Abstractions.dll"])
            File.Copy(Beside(file), Path.Combine(directory, file));

        string configuration = Path.Combine(directory, "Samovar.Tests.Child.runtimeconfig.json");
        await File.WriteAllTextAsync(configuration, $$"""
            { "runtimeOptions": { "tfm": "net10.0", "framework": { "name": "Microsoft.NETCore.App", "version": "10.0.0" } {{switches}} } }
            """, TestContext.Current.CancellationToken);

        string output = await ProgramRun.OutputOfAsync("dotnet", Path.Combine(directory, "Samovar.Tests.Child.dll"), command);
        Directory.Delete(directory, recursive: true);
        return output;
    }

    [ProcessFact]
    public async Task With_no_descriptor_left_the_error_says_what_to_raise()
    {
        string said = await ProgramRun.OutputOfAsync("sh", "-c", $"ulimit -n 150; exec dotnet '{ProgramRun.ChildProgram}' start-worker-without-descriptors");
        said.ShouldContain("failed Samovar.WorkerStartException");
        said.ShouldContain("ulimit -n");
    }

    private static string Beside(string file) => Path.Combine(ProgramRun.ChildDirectory, file);
}
