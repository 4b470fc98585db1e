namespace Samovar.Cli.Tests;

public sealed class SpellingTests
{
    [ProcessTheory]
    [InlineData("doctr", " Did you mean 'doctor'?")]
    [InlineData("mpa", "")]
    [InlineData("to", " Did you mean 'top'?")]
    [InlineData("zzzzzz", "")]
    [InlineData("", "")]
    public void A_near_word_is_suggested_and_a_far_one_is_not(string typed, string expected) =>
        Spelling.Suggest(typed, ["doctor", "top", "map"]).ShouldBe(expected);

    [ProcessTheory]
    [InlineData("-P", "")]
    [InlineData("-0", "")]
    [InlineData("-J", " Did you mean '-j'?")]
    [InlineData("--wrokers", " Did you mean '--workers'?")]
    public void Of_an_option_of_one_letter_only_the_case_may_differ(string typed, string expected) =>
        Spelling.Suggest(typed, ["-i", "-j", "--workers"]).ShouldBe(expected);

    [ProcessFact]
    public void Nothing_known_is_nothing_suggested() => Spelling.Suggest("map", []).ShouldBeEmpty();
}
