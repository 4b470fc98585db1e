namespace Samovar.Cli.Tests.Map;

/// <summary>C# files and projects as targets, built by the real SDK.</summary>
public sealed class TargetTests : IDisposable
{
    private readonly MapFolder _folder = new() { KeepsBuilds = false };

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task The_starter_file_runs_as_it_is()
    {
        ToolRun made = await _folder.ToolAsync("new", "map");
        ToolRun again = await _folder.ToolAsync("new", "map");
        _folder.Write("two.txt", "a\nb\n");
        ToolRun run = await _folder.ToolAsync("map", "map.cs", "--files", "*.txt");

        made.Output.ShouldContain("Created map.cs. Try: samovar map map.cs");
        again.ShouldBe(new ToolRun(ExitCode.Usage, "", "samovar: map.cs already exists. Choose another name.\n"));
        _folder.Lines("map.cs").Length.ShouldBeLessThan(13);
        run.ShouldBe(new ToolRun(ExitCode.Success, "{\"file\":\"two.txt\",\"lines\":2,\"bytes\":4}\n", ""));
    }

    [ProcessTheory]
    [InlineData("x", "x.cs", "x.cs")]
    [InlineData("two words.cs", "two words.cs", "'two words.cs'")]
    [InlineData("a/b.txt", "a/b.txt.cs", "a/b.txt.cs")]
    public async Task A_starter_file_has_a_name_that_the_command_it_advises_takes(string name, string file, string word)
    {
        Directory.CreateDirectory(_folder.PathOf("a"));
        ToolRun made = await _folder.ToolAsync("new", "map", name);

        made.ShouldBe(new ToolRun(ExitCode.Success, $"Created {file}. Try: samovar map {word} --files '*'\n", ""));
        _folder.Lines(file)[0].ShouldContain($"samovar map {word} ");
    }

    [ProcessFact]
    public async Task A_folder_is_no_starter_file() =>
        (await _folder.ToolAsync("new", "map", ".")).ShouldBe(new ToolRun(ExitCode.Usage, "", "samovar: . is a folder. Name a file in it.\n"));

    [ProcessFact]
    public async Task A_file_is_built_once_for_each_content_with_its_directives_and_statements_of_its_own()
    {
        string package = typeof(CsvHelper.CsvReader).Assembly.GetName().Version!.ToString(3); // this repository has restored it
        _folder.Write("app.cs", $$"""
            #:property AssemblyName=Other
            #:package CsvHelper@{{package}}
            Console.WriteLine("main");
            public static class A { public static string F(int n) => typeof(CsvHelper.CsvReader).Name + n; }
            """);
        ToolRun[] atOnce = await Task.WhenAll(_folder.ToolAsync("map", "app.cs", "--", "1"), _folder.ToolAsync("map", "app.cs", "--progress", "plain", "--", "1"));
        string built = Directory.GetFiles(_folder.PathOf("cache"), "Other.dll", SearchOption.AllDirectories).ShouldHaveSingleItem();
        DateTime then = File.GetLastWriteTimeUtc(built);
        ToolRun second = await _folder.ToolAsync("map", "app.cs", "--", "1");

        second.ShouldBe(new ToolRun(ExitCode.Success, "CsvReader1\n", "")); // its Main is not run
        (atOnce[0] with { Error = "" }).ShouldBe(second);
        atOnce[0].Error.ShouldBeOneOf("", "samovar: waiting for another build…\n");
        atOnce[1].Output.ShouldBe(second.Output);
        atOnce[1].Error.ShouldMatch(@"^samovar: (building app\.cs|waiting for another build)…\n");
        File.GetLastWriteTimeUtc(built).ShouldBe(then);
    }

    [ProcessFact]
    public async Task Errors_are_shown_as_the_compiler_shows_them_also_when_only_an_included_file_has_changed()
    {
        _folder.Write("two.cs", "#:include other.cs\npublic static class A { public static string F(string text) => text + Other.End; }\n");
        _folder.Write("other.cs", "static class Other\n{\n    public const string End = \"!\";\n}\n");
        ToolRun good = await _folder.ToolAsync("map", "two.cs", "--", "a");
        _folder.Write("other.cs", "static class Other\n{\n    public const string End = ;\n}\n");
        ToolRun bad = await _folder.ToolAsync("map", "two.cs", "--", "a");

        good.ShouldBe(new ToolRun(ExitCode.Success, "a!\n", ""));
        bad.ExitCode.ShouldBe(ExitCode.Usage);
        bad.Error.ShouldBe($"{_folder.PathOf("other.cs")}(3,31): error CS1525: Invalid expression term ';'\nsamovar: {_folder.PathOf("two.cs")} failed to build.\n");
    }

    [ProcessFact]
    public async Task A_project_is_built_and_found_by_its_folder()
    {
        _folder.Write("lib/lib.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        _folder.Write("lib/A.cs", "namespace Deep; public class A { public static System.Guid F(System.Guid id) => id; "
            + "public static string Half(string culture) => 0.5.ToString(new System.Globalization.CultureInfo(culture)); }");
        ToolRun run = await _folder.ToolAsync("map", "lib", "Deep.A.F", "--", "6e0b5ba5-6c69-4f2e-8f4b-2a9a8d5d6c35");
        string built = _folder.PathOf("lib/bin/Release/net10.0/lib.dll");
        ToolRun german = await _folder.ToolAsync("map", built, "Half", "--", "de-DE");
        File.Delete(Path.ChangeExtension(built, ".runtimeconfig.json")); // as `dotnet build` leaves a library
        ToolRun alone = await _folder.ToolAsync("map", built, "Half", "--", "de-DE");

        run.ShouldBe(new ToolRun(ExitCode.Success, "6e0b5ba5-6c69-4f2e-8f4b-2a9a8d5d6c35\n", ""));
        german.ShouldBe(new ToolRun(ExitCode.Success, "0,5\n", ""));
        alone.ShouldBe(german);
        File.Exists(_folder.PathOf("lib/obj/.samovar.lock")).ShouldBeTrue();
        Directory.Exists(_folder.PathOf("cache")).ShouldBeFalse(); // which may be missing or full: a project needs none of it
    }

    [ProcessFact]
    public async Task A_project_for_several_frameworks_is_refused_before_it_is_built()
    {
        _folder.Write("lib.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFrameworks>net10.0;net9.0</TargetFrameworks></PropertyGroup></Project>");
        ToolRun run = await _folder.ToolAsync("map", "lib.csproj", "--", "1");

        run.ShouldBe(new ToolRun(ExitCode.Usage, "", $"samovar: {_folder.PathOf("lib.csproj")} has several target frameworks: net10.0, net9.0. Choose one with --framework.\n"));
        Directory.GetFileSystemEntries(_folder.Root).ShouldBe([_folder.PathOf("lib.csproj")]);
    }

    [ProcessFact]
    public async Task Without_a_home_a_file_is_built_into_the_cache_that_is_named_and_not_into_the_current_folder()
    {
        _folder.Write("a.cs", "public static class A { public static int F(int n) => n; }");
        string cache = _folder.PathOf("cache");
        ToolRun built = await ToolRun.ProgramAsync("dotnet", [ToolRun.ToolPath, "map", "a.cs", "--", "1"], [("HOME", "/nowhere"), ("SAMOVAR_CACHE", cache)], _folder.Root);
        Directory.Delete(cache, recursive: true);
        ToolRun run = await ToolRun.ProgramAsync("dotnet", [ToolRun.ToolPath, "map", "a.cs", "--", "1"],
            [("HOME", "/nowhere"), ("XDG_CACHE_HOME", "relative"), ("SAMOVAR_CACHE", null)], _folder.Root);

        built.ShouldBe(new ToolRun(ExitCode.Success, "1\n", ""));
        run.ShouldBe(new ToolRun(ExitCode.Usage, "", "samovar: There is no folder for builds: HOME is '/nowhere', which is not a usable folder. "
            + "Set HOME, or set SAMOVAR_CACHE to a folder for builds.\n"));
        Directory.GetFileSystemEntries(_folder.Root).ShouldBe([_folder.PathOf("a.cs")]);
    }

    [ProcessFact]
    public async Task A_user_without_a_home_and_without_an_account_builds_into_the_cache()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "only root becomes another user, by setpriv");
        if (!OperatingSystem.IsLinux()) return; // for the analyzer
        _folder.Write("a.cs", "public static class A { public static int F(int n) => n; }");
        string cache = _folder.PathOf("cache");
        Directory.CreateDirectory(cache);
        foreach (string folder in (string[])[_folder.Root, cache]) File.SetUnixFileMode(folder, (UnixFileMode)0x1FF);
        ToolRun run = await ToolRun.ProgramAsync(
            "setpriv", ["--reuid=54321", "--regid=54321", "--clear-groups", "dotnet", ToolRun.ToolPath, "map", "a.cs", "--", "1"],
            [("HOME", null), ("SAMOVAR_CACHE", cache)], _folder.Root);

        run.ShouldBe(new ToolRun(ExitCode.Success, "1\n", ""));
    }

    [ProcessFact]
    public async Task A_framework_is_of_a_project_only()
    {
        _folder.Write("a.cs", "");
        ToolRun run = await _folder.ToolAsync("map", "a.cs", "--framework", "net10.0", "--", "1");

        run.ShouldBe(new ToolRun(ExitCode.Usage, "", "samovar: --framework applies only to projects, and a.cs is not a project.\n"));
    }

    [ProcessTheory]
    [InlineData("nothing.cs", "There is no target 'nothing.cs'. A target is a C# file, a project or a built assembly (.dll).")]
    [InlineData("", "There is no target ''. ")]
    [InlineData("empty", "The folder 'empty' has no project.")]
    [InlineData("two", "The folder 'two' has several projects. Name one of them: ")]
    [InlineData("notes.txt", "'notes.txt' is not a valid target. A target is a C# file (.cs), a project (.csproj) or a built assembly (.dll).")]
    [InlineData("text.dll", "text.dll cannot be loaded as an assembly: ")]
    public async Task An_invalid_target_is_reported(string target, string says)
    {
        Directory.CreateDirectory(_folder.PathOf("empty"));
        _folder.Write("two/a.csproj", "");
        _folder.Write("two/b.csproj", "");
        _folder.Write("notes.txt", "");
        _folder.Write("text.dll", "text");
        ToolRun run = await _folder.ToolAsync("map", target, "--", "1");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(says);
        run.Error.ShouldNotContain("   at ");
    }
}
