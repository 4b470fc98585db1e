namespace Samovar.Cli.Tests;

public sealed class OpenFilesTests
{
    [ProcessTheory]
    [InlineData("Max open files            64                   64                   files     \n", "The limit of 64 open files is too low: the tool needs at least 128.")]
    [InlineData("Max open files            128                  4096                 files     \n", null)]
    [InlineData("Max open files            unlimited            unlimited            files     \n", null)]
    [InlineData("Max processes             64                   64                   processes \n", null)]
    public void A_limit_that_is_too_low_is_found(string limits, string? mistake)
    {
        if (mistake is null) OpenFiles.FindMistake(limits).ShouldBeNull();
        else OpenFiles.FindMistake(limits).ShouldNotBeNull().ShouldStartWith(mistake);
    }

    [ProcessTheory]
    [InlineData("map", "--range", "1..2")]
    [InlineData("tour")]
    [InlineData("ps")]
    [InlineData("post-mortem")]
    [InlineData("doctor")]
    public async Task With_too_few_the_tool_says_so(params string[] words)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "ulimit is a shell's");
        ToolRun run = await ToolRun.ProgramAsync("bash", ["-c", "ulimit -n 64; exec dotnet \"$@\"", "bash", ToolRun.ToolPath, .. words], [], Path.GetTempPath());

        run.ShouldBe(new ToolRun(ExitCode.Usage, "", "samovar: The limit of 64 open files is too low: the tool needs at least 128. "
            + "Raise the hard limit where it is set: ulimit -n, LimitNOFILE of the service, or the container's limit.\n"));
    }
}
