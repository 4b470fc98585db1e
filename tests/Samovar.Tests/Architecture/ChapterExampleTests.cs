namespace Samovar.Tests.Architecture;

/// <summary>The lessons of the chapter.</summary>
public sealed class ChapterExampleTests : ExampleRuns
{
    public static TheoryData<string> Examples => In("chapter");

    [ProcessTheory]
    [MemberData(nameof(Examples))]
    public Task An_example_runs_to_its_end_and_says_something(string example) => RunAsync(example);
}
