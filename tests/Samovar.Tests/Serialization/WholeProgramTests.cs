using Samovar.Serialization.Platform;

namespace Samovar.Tests.Serialization;

public sealed class WholeProgramTests
{
    [ThreadFact]
    public void A_program_that_is_set_up_for_compilation_ahead_or_trimmed_learns_what_to_set()
    {
        WholeProgram.Obstacle(isCompiledAtRunTime: false, isWhole: false).ShouldNotBeNull().ShouldContain("is set up for ahead-of-time compilation (PublishAot)");
        WholeProgram.Obstacle(isCompiledAtRunTime: true, isWhole: false).ShouldNotBeNull().ShouldContain("TrimmerRootAssembly");
    }

    [ThreadFact]
    public void A_program_as_it_was_compiled_is_whole()
    {
        WholeProgram.Obstacle(isCompiledAtRunTime: true, isWhole: true).ShouldBeNull();
        WholeProgram.Require();
    }
}
