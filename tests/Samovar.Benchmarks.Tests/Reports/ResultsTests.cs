using Samovar.Benchmarks.Reports;

namespace Samovar.Benchmarks.Tests.Reports;

public sealed class ResultsTests
{
    [ProcessFact]
    public async Task What_cannot_be_replaced_stays_as_it_was_and_is_reported_by_name()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("samovar-results-");
        try
        {
            string path = Path.Combine(folder.FullName, "taken");
            Directory.CreateDirectory(path);
            (await Should.ThrowAsync<IOException>(() => Results.ReplaceAsync(path, "new"))).Message.ShouldContain(path);
            folder.EnumerateFileSystemInfos().ShouldHaveSingleItem().Name.ShouldBe("taken");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
