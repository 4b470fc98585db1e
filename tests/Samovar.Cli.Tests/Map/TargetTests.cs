namespace Samovar.Cli.Tests.Map;

/// <summary>C# files and projects as targets, built by the real SDK.</summary>
public sealed class TargetTests : IDisposable
{
    private const int Limit = 120_000;

    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task The_starter_file_runs_as_it_is()
    {
        Ran made = await _folder.ToolAsync("new", "map");
        Ran again = await _folder.ToolAsync("new", "map");
        _folder.Write("two.txt", "a\nb\n");
        Ran ran = await _folder.ToolAsync("map", "map.cs", "--files", "*.txt");

        made.Output.ShouldContain("map.cs is written. Try: samovar map map.cs");
        again.ShouldBe(new Ran(ExitCode.Usage, "", "samovar: map.cs is there already. Name another file.\n"));
        _folder.Lines("map.cs").Length.ShouldBeLessThan(13);
        ran.ShouldBe(new Ran(ExitCode.Success, "{\"file\":\"two.txt\",\"lines\":2,\"bytes\":4}\n", ""));
    }

    [Fact(Timeout = Limit)]
    public async Task A_file_is_built_once_for_each_content_with_its_directives_and_statements_of_its_own()
    {
        _folder.Write("app.cs", "#:property AssemblyName=Other\nConsole.WriteLine(\"main\");\npublic static class A { public static int F(int n) => n + 1; }\n");
        Ran first = await _folder.ToolAsync("map", "app.cs", "--", "1");
        string built = Directory.GetDirectories(MapFolder.Cache, "app-*").Select(f => Path.Combine(f, "Other.dll")).Single(f => File.GetLastWriteTimeUtc(f) > Directory.GetCreationTimeUtc(_folder.Root));
        DateTime then = File.GetLastWriteTimeUtc(built);
        Ran second = await _folder.ToolAsync("map", "app.cs", "--", "1");

        first.ShouldBe(new Ran(ExitCode.Success, "2\n", "")); // its Main is not run
        second.ShouldBe(first);
        File.GetLastWriteTimeUtc(built).ShouldBe(then);
        Directory.Delete(Path.GetDirectoryName(built)!, recursive: true);
    }

    [Fact(Timeout = Limit)]
    public async Task Build_errors_are_shown_as_the_compiler_shows_them()
    {
        _folder.Write("bad.cs", "public static class A\n{\n    public static int F(int n) => n +;\n}\n");
        Ran ran = await _folder.ToolAsync("map", "bad.cs", "--", "1");

        ran.ExitCode.ShouldBe(ExitCode.Usage);
        ran.Error.ShouldBe($"{_folder.PathOf("bad.cs")}(3,38): error CS1525: Invalid expression term ';'\nsamovar: {_folder.PathOf("bad.cs")} does not build.\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_project_is_built_and_found_by_its_folder()
    {
        _folder.Write("lib/lib.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        _folder.Write("lib/A.cs", "namespace Deep; public class A { public static System.Guid F(System.Guid id) => id; }");
        Ran ran = await _folder.ToolAsync("map", "lib", "Deep.A.F", "--", "6e0b5ba5-6c69-4f2e-8f4b-2a9a8d5d6c35");

        ran.ShouldBe(new Ran(ExitCode.Success, "6e0b5ba5-6c69-4f2e-8f4b-2a9a8d5d6c35\n", ""));
    }

    [Theory(Timeout = Limit)]
    [InlineData("nothing.cs", "There is no target 'nothing.cs'. A target is a C# file, a project or a built assembly (.dll).")]
    [InlineData("empty", "The folder 'empty' holds no project.")]
    [InlineData("two", "The folder 'two' holds several projects, name one: ")]
    [InlineData("notes.txt", "'notes.txt' is no target: a target is a C# file (.cs), a project (.csproj) or a built assembly (.dll).")]
    [InlineData("text.dll", "text.dll is not an assembly that can be loaded: ")]
    public async Task What_is_no_target_is_told(string target, string says)
    {
        Directory.CreateDirectory(_folder.PathOf("empty"));
        _folder.Write("two/a.csproj", "");
        _folder.Write("two/b.csproj", "");
        _folder.Write("notes.txt", "");
        _folder.Write("text.dll", "text");
        Ran ran = await _folder.ToolAsync("map", target, "--", "1");

        ran.ExitCode.ShouldBe(ExitCode.Usage);
        ran.Error.ShouldContain(says);
        ran.Error.ShouldNotContain("   at ");
    }
}
