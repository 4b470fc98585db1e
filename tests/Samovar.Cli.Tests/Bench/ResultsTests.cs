using Samovar.Cli.Bench;

namespace Samovar.Cli.Tests.Bench;

public sealed class ResultsTests
{
    [ProcessFact]
    public async Task What_cannot_be_replaced_stays_as_it_was_and_is_told_by_name()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("samovar-results-");
        try
        {
            string path = Path.Combine(folder.FullName, "taken");
            Directory.CreateDirectory(path);
            MistakeException mistake = await Should.ThrowAsync<MistakeException>(() => Results.ReplaceAsync(path, "new"));
            mistake.Message.ShouldContain(path);
            mistake.ExitCode.ShouldBe(ExitCode.OutputLost);
            folder.EnumerateFileSystemInfos().ShouldHaveSingleItem().Name.ShouldBe("taken");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
