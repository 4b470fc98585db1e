using Samovar.Serialization;

namespace Samovar.Tests.Serialization;

public sealed class WholeProgramTests
{
    [ThreadFact]
    public void A_program_that_was_compiled_ahead_or_trimmed_is_told_how_to_publish_it()
    {
        WholeProgram.Obstacle(isCompiledAtRunTime: false, isWhole: false).ShouldNotBeNull().ShouldContain("Publish it without PublishAot");
        WholeProgram.Obstacle(isCompiledAtRunTime: true, isWhole: false).ShouldNotBeNull().ShouldContain("Publish it without PublishTrimmed");
    }

    [ThreadFact]
    public void A_program_as_it_was_compiled_is_whole()
    {
        WholeProgram.Obstacle(isCompiledAtRunTime: true, isWhole: true).ShouldBeNull();
        WholeProgram.Require();
    }
}
