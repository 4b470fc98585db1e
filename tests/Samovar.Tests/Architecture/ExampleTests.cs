namespace Samovar.Tests.Architecture;

/// <summary>The examples that README and the pages of docs show.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Examples => ExamplePrograms.In("");

    [ProcessTheory]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_to_completion_and_prints_something(string example) =>
        (await ExamplePrograms.RunAsync(example)).Trim().ShouldNotBeEmpty();
}
