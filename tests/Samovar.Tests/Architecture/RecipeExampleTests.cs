namespace Samovar.Tests.Architecture;

/// <summary>The guide's recipes.</summary>
public sealed class RecipeExampleTests
{
    public static TheoryData<string> Examples => ExamplePrograms.In("recipes");

    [ProcessTheory]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_to_its_end_and_says_something(string example) =>
        (await ExamplePrograms.RunAsync(example)).Trim().ShouldNotBeEmpty();
}
