using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>The dumps that the runtime writes of workers that die.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class CrashDumpTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("samovar-dumps");

    public void Dispose() => _directory.Delete(recursive: true);

    [ProcessFact]
    public async Task A_worker_that_dies_writes_the_dump_that_the_environment_asks_for_and_the_error_names_it()
    {
        const string small = "1"; // a mini dump
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with
        {
            Environment = new Dictionary<string, string?>
            {
                ["DOTNET_DbgEnableMiniDump"] = "1",
                ["DOTNET_DbgMiniDumpType"] = small,
                ["DOTNET_DbgMiniDumpName"] = Path.Combine(_directory.FullName, "dump"),
            },
        });

        var error = await Should.ThrowAsync<WorkerCrashedException>(pool.Submit(static () => Environment.FailFast("out of tea")).AsTask());

        string file = Path.Combine(_directory.FullName, $"dump.{error.ProcessId}");
        error.DumpFile.ShouldBe(file);
        error.Message.ShouldContain($"Its crash dump is {file}.");
        (await Should.ThrowAsync<WorkerCrashedException>(pool.Submit(static () => Environment.Exit(3)).AsTask())).DumpFile.ShouldBeNull();
    }

    [ProcessTheory]
    [InlineData("1", "core.%p", "core.12", true)]
    [InlineData("1", "%e-%d-%t-100%%", "dotnet-12-1699-100%", true)]
    [InlineData("1", "core.%p", "core.13", false)]
    [InlineData("0", "core.%p", "core.12", false)]
    [InlineData(null, "core.%p", "core.12", false)]
    public void A_dump_is_found_by_the_name_that_the_runtime_gives_it(string? enabled, string name, string file, bool isFound)
    {
        string path = Path.Combine(_directory.FullName, file);
        File.WriteAllText(path, "");
        var environment = new Dictionary<string, string> { ["DOTNET_DbgMiniDumpName"] = Path.Combine(_directory.FullName, name) };
        if (enabled is not null) environment["COMPlus_DbgEnableMiniDump"] = enabled;

        CrashDumps.FileOf(environment, 12, DateTime.MinValue).ShouldBe(isFound ? path : null);
        CrashDumps.FileOf(environment, 12, DateTime.MaxValue).ShouldBeNull("it is older than the process");
    }

    [ProcessTheory]
    [InlineData("/d/core", "/d/core.%p")]
    [InlineData("/d/core.%p", "/d/core.%p")]
    [InlineData("/d/core-%d", "/d/core-%d")]
    [InlineData("/d/core%%p", "/d/core%%p.%p")]
    public void A_dumps_name_has_the_process_id(string chosen, string used)
    {
        var environment = new Dictionary<string, string> { ["DOTNET_DbgMiniDumpName"] = chosen };
        CrashDumps.NameByProcess(environment);
        environment["DOTNET_DbgMiniDumpName"].ShouldBe(used);
    }
}
