namespace Samovar.Tests.Architecture;

/// <summary>The examples that README and the pages of docs show.</summary>
public sealed class ExampleTests : ExampleRuns
{
    public static TheoryData<string> Examples => In("");

    [ProcessTheory]
    [MemberData(nameof(Examples))]
    public Task An_example_runs_to_its_end_and_says_something(string example) => RunAsync(example);
}
