namespace Samovar.Tests.Architecture;

/// <summary>The guide's recipes.</summary>
public sealed class RecipeExampleTests : ExampleRuns
{
    public static TheoryData<string> Examples => In("recipes");

    [ProcessTheory]
    [MemberData(nameof(Examples))]
    public Task An_example_runs_to_its_end_and_says_something(string example) => RunAsync(example);
}
