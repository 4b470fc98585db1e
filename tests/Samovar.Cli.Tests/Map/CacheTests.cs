namespace Samovar.Cli.Tests.Map;

/// <summary><c>samovar map --cache</c> and <c>samovar cache</c>: items whose results are kept are not run again.</summary>
public sealed class CacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-kept-").FullName;

    private string Cache => Path.Combine(_folder, "cache");

    private string Runs => Directory.CreateDirectory(Path.Combine(_folder, "runs")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProcessFact]
    public async Task Items_that_succeeded_are_not_run_again_until_the_code_changes()
    {
        string source = Path.Combine(_folder, "work.cs");
        Write(source, "text.Length");
        (await MapAsync(source, "--keep-order", "--", "tea", "samovar", "bad")).Output.ShouldBe("3\n7\n");
        Ran().ShouldBe(["bad", "samovar", "tea"]);
        var again = await MapAsync(source, "--keep-order", "--", "samovar", "bad", "cup", "tea");
        again.Output.ShouldBe("7\n3\n3\n");
        again.ExitCode.ShouldBe(ExitCode.ItemsFailed); // the failed item ran again
        Ran().ShouldBe(["bad", "bad", "cup", "samovar", "tea"]);

        Write(source, "text.Length * 2");
        (await MapAsync(source, "--", "tea")).Output.ShouldBe("6\n");
        Ran().Count(static line => line == "tea").ShouldBe(2);

        var list = await ToolRun.ToolAsync("cache", "list", "--folder", Cache);
        list.ExitCode.ShouldBe(ExitCode.Success);
        list.Output.ShouldMatch("Work\\.Of.*\t4 results\t.* bytes\tlast used ");
        list.Output.ShouldEndWith($" in {Cache}\n");
        (await ToolRun.ToolAsync("cache", "list", "--folder", Cache, "--json")).Output.ShouldContain("\"bytes\": ");
        (await ToolRun.ToolAsync("cache", "clear", "--folder", Cache, "--name", "Other")).ShouldBe(
            new ToolRun(ExitCode.Usage, "", $"samovar: there are no results of 'Other' in {Cache}. 'samovar cache list' shows the names.\n"));
        (await ToolRun.ToolAsync("cache", "clear", "--folder", Cache)).Output.ShouldBe($"4 results removed from {Cache}\n");
        (await ToolRun.ToolAsync("cache", "list", "--folder", Cache)).Output.ShouldBe($"There are no results in {Cache}.\n");
    }

    [ProcessFact]
    public async Task A_file_that_has_changed_is_run_again()
    {
        string source = Path.Combine(_folder, "work.cs");
        Write(source, "File.ReadAllText(text).Length");
        string item = Path.Combine(_folder, "item.txt");
        File.WriteAllText(item, "tea");
        (await MapAsync(source, "--files", item)).Output.ShouldBe("3\n");
        (await MapAsync(source, "--files", item)).Output.ShouldBe("3\n");
        File.WriteAllText(item, "coffee");
        (await MapAsync(source, "--files", item)).Output.ShouldBe("6\n");
        Ran().Length.ShouldBe(2);
    }

    [ProcessFact]
    public async Task A_folder_that_cannot_be_used_is_one_clear_error()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        foreach (string[] line in new string[][] { ["cache", "list"], ["cache", "clear"] })
        {
            (await ToolRun.ToolAsync([.. line, "--folder", file])).ShouldBe(
                new ToolRun(ExitCode.Usage, "", $"samovar: '{file}' is a file, and a result cache needs a folder. Name another one, or remove the file.\n"));
        }

        string none = Path.Combine(_folder, "none");
        (await ToolRun.ToolAsync("cache", "list", "--folder", none)).ShouldBe(new ToolRun(ExitCode.Usage, "", $"samovar: there is no folder {none}.\n"));
    }

    private string[] Ran() => [.. Directory.GetFiles(Runs).Select(File.ReadAllText).Order()];

    private Task<ToolRun> MapAsync(string source, params string[] rest) => ToolRun.ToolAsync(["map", source, "--cache-folder", Cache, .. rest]);

    private void Write(string source, string result) => File.WriteAllText(source,
        $$"""
        using System;
        using System.IO;
        public static class Work
        {
            public static int Of(string text)
            {
                File.WriteAllText(Path.Combine("{{Runs}}", Guid.NewGuid().ToString()), text);
                return text == "bad" ? throw new InvalidOperationException("bad") : {{result}};
            }
        }
        """);
}
