using System.Text;
using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Tests.Map.Inputs;

/// <summary>Tables as they are found: whole, broken, and of another dialect.</summary>
public sealed class CsvInputTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessTheory]
    [InlineData("in.csv", null)]
    [InlineData("in.csv", "name")]
    [InlineData("in.tsv", null)]
    [InlineData("in.tsv", "name")]
    public void A_quote_that_is_never_closed_breaks_the_input_off_at_its_line(string name, string? column)
    {
        string rows = "name,size\n" + string.Concat(Enumerable.Range(0, 3000).Select(i => $"n{i},{(i == 2000 ? "\"open" : i)}\n"));
        List<string> seen = [];
        var error = Should.Throw<IOException>(() => Read(name, name == "in.tsv" ? rows.Replace(',', '\t') : rows, column, seen));

        error.Message.ShouldStartWith("the quote opened in line 2002 is never closed. ");
        seen.Count.ShouldBe(2000);
    }

    [ProcessTheory]
    [InlineData("a,b\n\"x\ny\",\"z", 3)]
    [InlineData("a,b\r\nx,\"y\r\n\"\"z\r\n", 2)]
    [InlineData("sep=,\na,b\nx,\"y\n", 3)]
    [InlineData("a,b\n5\" x,\"y\n", 2)]
    [InlineData("a,b\n\"5\" x,\"y\n", 2)]
    public void The_line_is_that_of_the_quote_and_not_of_the_record(string text, int line) =>
        Should.Throw<IOException>(() => Read("in.csv", text)).Message.ShouldStartWith($"the quote opened in line {line} is never closed.");

    [ProcessFact]
    public void A_quote_that_the_next_one_closes_is_a_malformed_item()
    {
        InputItem[] items = [.. new CsvInput(Write("in.csv", "a,b\n1,\"open\n2,\"next\"\n3,c\n"), null, false).Read()];

        items.Length.ShouldBe(2);
        items[0].IsBroken.ShouldBeTrue();
        items[0].Line.ShouldBe(2);
        items[0].Text.ShouldStartWith("text follows a closing quote, or a quote inside a field is not doubled: ");
        items[1].ShouldBe(new InputItem(2, "{\"a\":\"3\",\"b\":\"c\"}", 4));
    }

    [ProcessFact]
    public void A_quote_inside_a_field_without_quotes_is_part_of_it() =>
        Read("in.csv", "a,b\n5\" pipe,1\n").ShouldBe(["{\"a\":\"5\\\" pipe\",\"b\":\"1\"}"]);

    [ProcessTheory]
    [InlineData("in.csv", "Name;Betrag\na, b;1\n", "{\"Name\":\"a, b\",\"Betrag\":\"1\"}")]
    [InlineData("in.csv", "sep=;\r\nName;Betrag\r\na;1\r\n", "{\"Name\":\"a\",\"Betrag\":\"1\"}")]
    [InlineData("in.csv", "sep=|\nName|x,y;z\na|1\n", "{\"Name\":\"a\",\"x,y;z\":\"1\"}")]
    [InlineData("in.csv", "Name\tSize\na\t1\n", "{\"Name\":\"a\",\"Size\":\"1\"}")]
    [InlineData("in.csv", "\"Name;x\",Size\na,1\n", "{\"Name;x\":\"a\",\"Size\":\"1\"}")]
    [InlineData("in.tsv", "Name\tSize, n\na\t1\n", "{\"Name\":\"a\",\"Size, n\":\"1\"}")]
    public void The_header_says_what_separates(string name, string text, string item) => Read(name, text).ShouldBe([item]);

    [ProcessFact]
    public void Where_the_header_is_ambiguous_a_separator_is_required()
    {
        Should.Throw<UsageException>(() => Read("in.csv", "Name;Preis, netto\na;1\n")).Message.ShouldBe(
            $"The header of {_folder.PathOf("in.csv")} has commas and semicolons: 'Name;Preis, netto'. Choose the one that separates the columns: --separator ',' or --separator ';'.");
        new CsvInput(_folder.PathOf("in.csv"), null, false, ';').Read().Select(i => i.Text).ShouldBe(["{\"Name\":\"a\",\"Preis, netto\":\"1\"}"]);
    }

    [ProcessTheory]
    [InlineData("a,\"b\n1,2\n", "The quote opened in the header of ")]
    [InlineData("\"a\"x,b\n1,2\n", "text follows a closing quote")]
    public void A_header_with_malformed_quotes_is_refused(string text, string says) =>
        Should.Throw<UsageException>(() => Read("in.csv", text)).Message.ShouldContain(says);

    [ProcessFact]
    public void A_first_line_that_is_an_item_is_not_taken_for_a_header()
    {
        Should.Throw<UsageException>(() => new CsvInput(Write("in.csv", "12\n13\n"), null, wantsOne: true)).Message.ShouldContain("The first line of ");
        new CsvInput(_folder.PathOf("in.csv"), "12", wantsOne: true).Read().Select(i => i.Text).ShouldBe(["13"]);
    }

    [ProcessFact]
    public void Bytes_that_are_no_text_are_malformed_in_a_record_as_in_a_line()
    {
        File.WriteAllBytes(_folder.PathOf("in.csv"), [.. "a,b\ncaf"u8, 0xE9, .. ",1\nx,2\n"u8]);
        InputItem[] items = [.. new CsvInput(_folder.PathOf("in.csv"), null, false).Read()];
        File.WriteAllBytes(_folder.PathOf("head.csv"), [.. "Gr"u8, 0xF6, .. ",b\n"u8]);

        items.Select(i => i.IsBroken).ShouldBe([true, false]);
        Should.Throw<UsageException>(() => new CsvInput(_folder.PathOf("head.csv"), null, false)).Message.ShouldContain("is not UTF-8");
    }

    [ProcessFact]
    public void Columns_find_their_properties_and_those_that_find_none_are_reported()
    {
        List<string> said = [];
        using var input = new CsvInput(Write("in.csv", "NAME,Is_Paid,the count,Count\ntea,1,7,2\n"), null, wantsOne: false);
        input.FitTo(typeof(Order), said.Add);

        input.Read().Select(i => i.Text).ShouldBe(["{\"NAME\":\"tea\",\"isPaid\":\"1\",\"the count\":\"7\",\"Count\":\"2\"}"]);
        said.ShouldBe([$"ignoring columns of {_folder.PathOf("in.csv")} that match no property: the count; Order has name, count, isPaid, size."]);
        using var other = new CsvInput(Write("other.csv", "a,b\n1,2\n"), null, wantsOne: false);
        Should.Throw<UsageException>(() => other.FitTo(typeof(Order), said.Add)).Message.ShouldContain("the header is a, b, and Order has name, count");
        other.FitTo(typeof(Dictionary<string, string>), said.Add);
        said.Count.ShouldBe(1);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.PathOf(name), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return _folder.PathOf(name);
    }

    private List<string> Read(string name, string text, string? column = null, List<string>? seen = null)
    {
        seen ??= [];
        using var input = new CsvInput(Write(name, text), column, wantsOne: column is not null);
        foreach (InputItem item in input.Read()) seen.Add(item.Text);
        return seen;
    }
}
