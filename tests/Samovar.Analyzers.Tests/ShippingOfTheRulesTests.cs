using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;

namespace Samovar.Analyzers.Tests;

public sealed class ShippingOfTheRulesTests
{
    [ProcessFact]
    public void A_reference_to_the_project_Samovar_includes_the_rules()
    {
        using var log = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "example.sarif")));

        var reports = log.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray()
            .Select(r => (Rule: r.GetProperty("ruleId").GetString()!, Line: LineOf(r)))
            .Where(r => r.Rule.StartsWith("SAM", StringComparison.Ordinal)).Order();

        reports.ShouldBe([("SAM0001", 10), ("SAM0001", 20), ("SAM0002", 15), ("SAM0003", 20), ("SAM0004", 23), ("SAM0005", 26)]);
    }

    [ProcessFact]
    public async Task The_package_Samovar_contains_the_rules_their_fixes_and_their_pages()
    {
        var output = Directory.CreateTempSubdirectory("samovar-pack-");
        try
        {
            await PackAsync(output.FullName);

            using var package = ZipFile.OpenRead(output.GetFiles("Samovar.*.nupkg").ShouldHaveSingleItem().FullName);
            package.Entries.Select(e => e.FullName).Where(n => n.StartsWith("analyzers/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ShouldBe(
                ["analyzers/dotnet/cs/Samovar.Analyzers.CodeFixes.dll", "analyzers/dotnet/cs/Samovar.Analyzers.dll"]);
            package.Entries.ShouldContain(e => e.FullName == "docs/reference/analyzers/SAM0001.md");
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private static async Task PackAsync(string output)
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory);
        var repository = bin;
        while (!File.Exists(Path.Combine(repository.FullName, "Samovar.slnx")))
            repository = repository.Parent.ShouldNotBeNull("the tests run from the repository's artifacts folder");

        using var pack = Process.Start(new ProcessStartInfo(
            "dotnet", ["pack", "src/Samovar/Samovar.csproj", "--no-build", "--configuration", bin.Name, "--output", output, "--verbosity", "quiet"])
        {
            WorkingDirectory = repository.FullName,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }).ShouldNotBeNull();
        var said = await pack.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await pack.WaitForExitAsync(TestContext.Current.CancellationToken);
        pack.ExitCode.ShouldBe(0, said);
    }

    private static int LineOf(JsonElement report) =>
        report.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32();
}
