using System.Runtime.Versioning;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Meaning;

/// <summary>The same program means the same on every executor, but for what docs/reference/what-differs.md lists, and there it means what is written
/// there.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class SameMeaningTests(Places places) : IClassFixture<Places>
{
    private static readonly Dictionary<string, Question> s_questions =
        ((Question[])[.. SurroundingQuestions.All, .. ValueQuestions.All, .. ErrorQuestions.All, .. IdentityQuestions.All]).ToDictionary(static question => question.Text);

    public static TheoryData<string> Texts => [.. s_questions.Keys];

    [ThreadTheory]
    [MemberData(nameof(Texts))]
    public async Task Every_executor_answers_alike_or_as_the_table_says(string text)
    {
        var question = s_questions[text];
        DifferenceTable.Rows.TryGetValue(text, out string[]? row);
        var wrong = new List<string>();
        foreach (var place in places.All)
        {
            string expected = question.Answer ?? row?[(int)place.Column] ?? "a row in docs/reference/what-differs.md";
            string answer = await question.Ask(place.Executor);
            if (answer != expected) wrong.Add($"{place.Name}: '{answer}', not '{expected}'");
        }

        wrong.ShouldBeEmpty(text);
    }

    [ThreadFact]
    public void The_table_has_exactly_the_rows_that_differ_and_each_differs()
    {
        DifferenceTable.Rows.Keys.ShouldBe(s_questions.Values.Where(static q => q.Answer is null).Select(static q => q.Text), ignoreOrder: true);
        DifferenceTable.Rows.Where(static row => row.Value.Distinct().Count() == 1).Select(static row => row.Key).ShouldBeEmpty();
    }
}
