using Samovar.Processes.Launch;

namespace Samovar.Tests.Processes.Launch;

public sealed class HostFilesTests
{
    private const string Runtime = "/usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.0/";
    private const string Muxer = "/usr/share/dotnet/dotnet";
    private readonly HashSet<string> _files = [Muxer, "/app/app.runtimeconfig.json", "/app/app.deps.json"];
    private readonly Dictionary<string, string> _variables = [];

    [ProcessFact]
    public void Dotnet_and_a_dll() =>
        Find(Facts() with { CommandLine = ["dotnet", "/app/app.dll", "--runtimeconfig", "the user's own"] }).Arguments
            .ShouldBe(["exec", "--runtimeconfig", "/app/app.runtimeconfig.json", "--depsfile", "/app/app.deps.json", "/app/Samovar.dll"]);

    [ProcessFact]
    public void An_apphost_finds_the_muxer_next_to_the_shared_framework()
    {
        HostFiles found = Find(Facts() with { ProcessPath = "/app/app", CommandLine = ["/app/app"] });
        found.FileName.ShouldBe(Muxer);
        found.ReExecutes.ShouldBeFalse();
    }

    [ProcessFact]
    public void VSTests_host_takes_the_files_it_was_given()
    {
        string[] line = ["dotnet", "exec", "--runtimeconfig", "/t/Tests.runtimeconfig.json", "--depsfile", "/t/Tests.deps.json", "/t/testhost.dll", "--port", "1"];
        Find(Facts() with { CommandLine = line, EntryName = "testhost", LibraryPath = "/t/Samovar.dll", BaseDirectory = "/t/" }).Arguments
            .ShouldBe(["exec", "--runtimeconfig", "/t/Tests.runtimeconfig.json", "--depsfile", "/t/Tests.deps.json", "/t/Samovar.dll"]);
    }

    [ProcessFact]
    public void Without_a_deps_file_none_is_passed()
    {
        _files.Remove("/app/app.deps.json");
        Find(Facts()).Arguments.ShouldBe(["exec", "--runtimeconfig", "/app/app.runtimeconfig.json", "/app/Samovar.dll"]);
    }

    [ProcessFact]
    public void A_deps_file_is_not_passed_where_Samovar_is_elsewhere() =>
        Find(Facts() with { LibraryPath = "/packages/samovar/Samovar.dll" }).Arguments
            .ShouldBe(["exec", "--runtimeconfig", "/app/app.runtimeconfig.json", "/packages/samovar/Samovar.dll"]);

    [ProcessFact]
    public void A_library_that_is_compiled_for_the_platform_is_started_next_to_the_program()
    {
        _files.Add("/app/Samovar.dll");
        Find(Facts() with { LibraryPath = "/app/runtimes/linux-x64/lib/net10.0/Samovar.dll" }).Arguments
            .ShouldBe(["exec", "--runtimeconfig", "/app/app.runtimeconfig.json", "--depsfile", "/app/app.deps.json", "/app/Samovar.dll"]);
    }

    [ProcessFact]
    public void A_deps_file_is_not_passed_without_a_library_next_to_the_program() =>
        Find(Facts() with { LibraryPath = "/app/runtimes/linux-x64/lib/net10.0/Samovar.dll" }).Arguments
            .ShouldBe(["exec", "--runtimeconfig", "/app/app.runtimeconfig.json", "/app/runtimes/linux-x64/lib/net10.0/Samovar.dll"]);

    [ProcessFact]
    public void Another_program_s_configuration_takes_the_place_of_its_own()
    {
        _files.Add("/other/tool.runtimeconfig.json");
        HostFiles.Find(Facts(), "/other/tool.runtimeconfig.json").Arguments
            .ShouldBe(["exec", "--runtimeconfig", "/other/tool.runtimeconfig.json", "/app/Samovar.dll"]);
    }

    [ProcessFact]
    public void A_configuration_that_is_not_there_is_named() =>
        Should.Throw<WorkerStartException>(() => HostFiles.Find(Facts(), "/gone.runtimeconfig.json")).Message.ShouldContain("/gone.runtimeconfig.json");

    [ProcessFact]
    public void A_single_file_is_run_again()
    {
        HostFiles found = Find(Facts() with { LibraryPath = "", ProcessPath = "/app/app" });
        found.ShouldBe(new HostFiles("/app/app", found.Arguments, ReExecutes: true));
        found.Arguments.ShouldBe(["--samovar-worker"]);
    }

    [ProcessFact]
    public void A_self_contained_program_is_run_again() =>
        Find(Facts() with { RuntimeDirectory = "/app/" }).ReExecutes.ShouldBeTrue();

    [ProcessFact]
    public void DOTNET_ROOT_and_PATH_are_the_last_resorts()
    {
        _files.Remove(Muxer);
        _files.Add("/opt/net/dotnet");
        _variables["PATH"] = "/bin:/opt/net";
        Find(Facts() with { ProcessPath = "/app/app" }).FileName.ShouldBe("/opt/net/dotnet");
        _files.Add("/root/net/dotnet");
        _variables["DOTNET_ROOT"] = "/root/net";
        Find(Facts() with { ProcessPath = "/app/app" }).FileName.ShouldBe("/root/net/dotnet");
    }

    [ProcessFact]
    public void No_muxer_is_an_error_that_lists_the_places()
    {
        _files.Remove(Muxer);
        string message = Should.Throw<WorkerStartException>(() => Find(Facts())).Message;
        message.ShouldContain(Muxer);
        message.ShouldContain("DOTNET_ROOT");
    }

    [ProcessFact]
    public void No_configuration_is_an_error_that_lists_the_places()
    {
        _files.Remove("/app/app.runtimeconfig.json");
        Should.Throw<WorkerStartException>(() => Find(Facts())).Message.ShouldContain("/app/app.runtimeconfig.json");
    }

    private static HostFiles Find(HostFacts facts) => HostFiles.Find(facts);

    private HostFacts Facts() => new()
    {
        ProcessPath = Muxer,
        CommandLine = ["dotnet", "/app/app.dll"],
        BaseDirectory = "/app/",
        RuntimeDirectory = Runtime,
        LibraryPath = "/app/Samovar.dll",
        EntryName = "app",
        Variable = name => _variables.GetValueOrDefault(name),
        Exists = _files.Contains,
    };
}
