namespace Samovar.Tests.Architecture;

/// <summary>The guide's recipes.</summary>
public sealed class RecipeExampleTests
{
    public static TheoryData<string> Examples => ExamplePrograms.In("recipes");

    [ProcessTheory]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_to_completion_and_prints_something(string example) =>
        (await ExamplePrograms.RunAsync(example)).Trim().ShouldNotBeEmpty();
}
