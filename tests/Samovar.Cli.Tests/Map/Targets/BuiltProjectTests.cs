using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Tests.Map.Targets;

/// <summary>What <c>dotnet build -getProperty:…</c> says.</summary>
public sealed class BuiltProjectTests
{
    [ThreadFact]
    public void A_project_for_several_frameworks_asks_for_one_of_them()
    {
        var built = BuiltProject.Read("""{"Properties":{"TargetPath":"","TargetFrameworks":"net10.0; net8.0;"}}""");

        Should.Throw<UsageException>(() => built.RequireFramework("app.csproj"))
            .Message.ShouldBe(Should.Throw<UsageException>(() => built.RequireAssembly("app.csproj")).Message);
        Should.Throw<UsageException>(() => built.RequireAssembly("app.csproj"))
            .Message.ShouldBe("app.csproj has several target frameworks: net10.0, net8.0. Choose one with --framework.");
    }

    [ThreadTheory]
    [InlineData("", "net10.0", "net10.0")]
    [InlineData("", "", null)]
    [InlineData("/app/a.dll", "net10.0;net8.0", null)] // it names one in addition to the list, and the build uses that one
    public void The_only_framework_of_a_list_is_built_for(string path, string frameworks, string? framework) =>
        BuiltProject.Read($$$"""{"Properties":{"TargetPath":"{{{path}}}","TargetFrameworks":"{{{frameworks}}}"}}""").RequireFramework("app.csproj").ShouldBe(framework);

    [ThreadFact]
    public void The_assembly_is_found_behind_warnings()
    {
        string here = typeof(BuiltProjectTests).Assembly.Location;
        var built = BuiltProject.Read($$"""
            A.cs(1,1): warning X: {careful}
            {
              "Properties": {
                "TargetPath": "{{here}}",
                "TargetFrameworks": "net10.0;net8.0"
              }
            }

            """);

        built.RequireAssembly("app.csproj").ShouldBe(here);
    }

    [ThreadFact]
    public void An_assembly_that_is_not_there_is_named() =>
        Should.Throw<UsageException>(() => BuiltProject.Read("""{"Properties":{"TargetPath":"/no/a.dll","TargetFrameworks":""}}""").RequireAssembly("app.csproj"))
            .Message.ShouldBe("app.csproj was built, but did not produce an assembly ('/no/a.dll').");
}
