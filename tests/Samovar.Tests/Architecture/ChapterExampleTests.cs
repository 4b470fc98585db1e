namespace Samovar.Tests.Architecture;

/// <summary>The lessons of the chapter.</summary>
public sealed class ChapterExampleTests
{
    public static TheoryData<string> Examples => ExamplePrograms.In("chapter");

    [ProcessTheory]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_to_completion_and_prints_something(string example) =>
        (await ExamplePrograms.RunAsync(example)).Trim().ShouldNotBeEmpty();
}
