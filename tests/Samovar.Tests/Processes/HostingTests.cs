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

    [ProcessTheory]
    [InlineData("")]
    [InlineData("""
        , "configProperties": {
          "System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported": false,
          "System.Diagnostics.Tracing.EventSource.IsSupported": false,
          "System.StartupHookProvider.IsSupported": false,
          "System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault": false }
        """)]
    public async Task Without_a_deps_file_also_with_the_switches_of_file_based_programs(string switches)
    {
        string directory = Directory.CreateTempSubdirectory("samovar-host").FullName;
        foreach (string file in (string[])["Samovar.dll", "Samovar.Tests.Child.dll", "Microsoft.Extensions.Logging.Abstractions.dll", "Microsoft.Extensions.DependencyInjection.Abstractions.dll"])
            File.Copy(Beside(file), Path.Combine(directory, file));

        string configuration = Path.Combine(directory, "Samovar.Tests.Child.runtimeconfig.json");
        await File.WriteAllTextAsync(configuration, $$"""
            { "runtimeOptions": { "tfm": "net10.0", "framework": { "name": "Microsoft.NETCore.App", "version": "10.0.0" } {{switches}} } }
            """, TestContext.Current.CancellationToken);

        (await ProgramRun.OutputOfAsync("dotnet", Path.Combine(directory, "Samovar.Tests.Child.dll"), "start-worker")).ShouldStartWith("ready");
        Directory.Delete(directory, recursive: true);
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
