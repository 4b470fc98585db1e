using Samovar.Cli.Map;

namespace Samovar.Cli.Tests.Map;

public sealed class FileClashesTests
{
    [ThreadFact]
    public void A_name_that_is_empty_is_refused()
    {
        var request = new MapRequest { Target = "t" };

        Says(request with { Output = "" }).ShouldBe("The name of the output is empty. Name a file.");
        Says(request with { JobLog = "" }).ShouldBe("The name of the job log is empty. Name a file.");
        Says(request with { Input = "" }).ShouldBe("The name of the input is empty. Name a file.");
    }

    private static string Says(MapRequest request) => Should.Throw<UsageException>(() => FileClashes.Refuse(request)).Message;
}
