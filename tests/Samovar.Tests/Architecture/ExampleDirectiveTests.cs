namespace Samovar.Tests.Architecture;

/// <summary>The tests run the examples as build/CompileExamples.targets compiles them, their readers with `dotnet run`: both must mean the same.</summary>
public sealed class ExampleDirectiveTests
{
    // What the build gives every example, so every example must ask `dotnet run` for it. It lets a file have the optional ones only where it names them.
    private static readonly string[] s_required = ["#:project src/Samovar/Samovar.csproj", "#:property PublishAot=false"];
    // A package has no version there, because Directory.Packages.props has the versions of all.
    private static readonly string[] s_optional =
    [
        "#:project examples/chapter/servers/Servers.csproj", "#:project src/Samovar.Hosting/Samovar.Hosting.csproj",
        "#:project src/Samovar.Cache/Samovar.Cache.csproj", "#:project src/Samovar.RabbitMQ/Samovar.RabbitMQ.csproj", "#:project src/Samovar.Dashboard/Samovar.Dashboard.csproj", "#:sdk Microsoft.NET.Sdk.Web",
        "#:package OpenTelemetry", "#:package OpenTelemetry.Exporter.InMemory", "#:package Spectre.Console",
    ];

    [ThreadFact]
    public void The_examples_have_the_directives_that_their_build_honours() =>
        ExamplePrograms.Names.SelectMany(static name => Complaints(name, [.. Directives(ExamplePrograms.SourceOf(name))])).ShouldBeEmpty();

    [ProcessFact]
    public async Task An_example_runs_from_its_source()
    {
        const string Configuration =
#if DEBUG
            "Debug";
#else
            "Release";
#endif
        string[] run = ["run", "-c", Configuration, ExamplePrograms.SourceOf("hello")];

        (await ExamplePrograms.RunAsync("dotnet", run)).ShouldBe(await ExamplePrograms.RunAsync("hello"));
    }

    private static IEnumerable<string> Complaints(string name, string[] directives) =>
        s_required.Except(directives, StringComparer.Ordinal).Select(line => $"{name} lacks '{line}'")
            .Concat(directives.Except([.. s_required, .. s_optional], StringComparer.Ordinal)
                .Select(line => $"{name}: build/CompileExamples.targets does not honour '{line}'"));

    /// <summary>The lines with `#:`, with projects' paths from the root of the repository.</summary>
    private static IEnumerable<string> Directives(string source)
    {
        const string Project = "#:project ";
        foreach (string line in File.ReadLines(source).Where(static line => line.StartsWith("#:", StringComparison.Ordinal)))
        {
            yield return line.StartsWith(Project, StringComparison.Ordinal)
                ? Project + Path.GetRelativePath(Repository.Root, Path.Combine(Path.GetDirectoryName(source)!, line[Project.Length..])).Replace('\\', '/')
                : line;
        }
    }
}
