using Samovar.Cli.Map.Progress;

namespace Samovar.Cli.Tests.Map.Progress;

public sealed class LiveDisplayTests
{
    private readonly Screen _screen = new() { Width = 20, Height = 6 };
    private readonly LiveDisplay _display;

    public LiveDisplayTests()
    {
        _display = new LiveDisplay(_screen, () => (_screen.Width, _screen.Height), hasColours: true);
        _screen.Write("$ samovar map\n");
    }

    [ProcessFact]
    public void A_display_takes_the_place_of_the_one_before_and_nothing_above_changes()
    {
        Draw("0 of 2");
        Draw("0 of 2");
        Draw("1 of 2", "worker 1", "worker 2");
        Draw("1 of 2", "worker 2");
        Draw("2 of 2");
        _display.End();

        _screen.Lines.ShouldBe(["$ samovar map", "2 of 2", ""]);
    }

    [ProcessFact]
    public void Messages_go_above_the_display()
    {
        _display.Say("before");
        Draw("0 of 2", "worker 1");
        _display.Say("item 1 failed");
        _display.Say("a line that is longer than the screen is wide");
        Draw("2 of 2");
        _display.End();
        _display.Say("after");

        _screen.Lines.ShouldBe(["$ samovar map", "before", "item 1 failed", "a line that is longe", "r than the screen is", " wide", "2 of 2", "after", ""]);
    }

    [ProcessFact]
    public void A_display_that_does_not_fit_is_cut_in_both_directions()
    {
        Draw([.. Enumerable.Repeat("a line longer than the screen", 10)]);
        Draw([.. Enumerable.Repeat("茶茶茶茶茶茶茶茶茶茶茶茶", 10)]);

        _screen.Lines.ShouldBe(["$ samovar map", .. Enumerable.Repeat("茶茶茶茶茶茶茶茶茶", 5)]);
    }

    [ProcessFact]
    public void What_would_move_the_cursor_is_a_blank()
    {
        Draw("a\u001b[Ab\rc\nd");

        _screen.Lines.ShouldBe(["$ samovar map", "a [Ab c d"]);
    }

    [ProcessFact]
    public void A_terminal_that_becomes_narrower_is_followed()
    {
        Draw("seventeen letters", "another");
        _screen.Width = 10;
        _screen.Reflow();
        Draw("ten", "ten");

        _screen.Lines.ShouldBe(["$ samovar ", "map", "ten", "ten"]);
    }

    [ProcessFact]
    public void A_terminal_that_cuts_lines_when_it_becomes_narrower_keeps_what_is_above()
    {
        var display = new LiveDisplay(_screen, () => (_screen.Width, _screen.Height), hasColours: true, reflows: false);
        display.Draw([[new Piece("seventeen letters")], [new Piece("another")]]);
        _screen.Width = 10;
        _screen.Cut();
        display.Draw([[new Piece("ten")], [new Piece("ten")]]);

        _screen.Lines.ShouldBe(["$ samovar ", "ten", "ten"]);
    }

    [ProcessTheory]
    [InlineData(true, "\u001b[32mgreen\u001b[0m plain\u001b[J")]
    [InlineData(false, "green plain\u001b[J")]
    public void Colours_are_only_where_they_are_wanted(bool hasColours, string written)
    {
        using var writer = new StringWriter();
        new LiveDisplay(writer, static () => (80, 24), hasColours).Draw([[new Piece("green", 32), new Piece(" plain")]]);

        writer.ToString().ShouldBe(written);
    }

    [ProcessFact]
    public void Lines_of_user_code_are_reported_when_they_are_whole()
    {
        var said = new List<string>();
        using var writer = new SaidLines(said.Add);
        writer.Write("one\r\ntw");
        said.ShouldBe(["one"]);
        writer.WriteLine('o');
        writer.Write("rest");
        writer.End();
        writer.End();

        said.ShouldBe(["one", "two", "rest"]);
    }

    private void Draw(params string[] lines) => _display.Draw([.. lines.Select(line => (Piece[])[new Piece(line)])]);
}
