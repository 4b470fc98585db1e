using System.IO.Compression;
using System.Text;
using Samovar.Cli.Map;
using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Tests.Map.Inputs;

/// <summary>Texts of every kind, from the name of a file to its items.</summary>
public sealed class TextInputTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public void A_carriage_return_alone_ends_no_line()
    {
        InputItem[] items = [.. Open("in.txt", "one\rtwo\nthree\r\n\nfour\r").Read()];

        items.Select(i => i.Text).ShouldBe(["one\rtwo", "three", "", "four\r"]);
        items.Select(i => i.Line).ShouldBe([1, 2, 3, 4]);
        Open("in.jsonl", "\"a\"\r\n\n[1,\r2]\n").Read().Select(i => (i.Text, i.Line)).ShouldBe([("\"a\"", 1), ("[1,\r2]", 3)]);
    }

    [ProcessFact]
    public void Lines_longer_than_any_buffer_are_whole()
    {
        string line = new('x', 100_000);
        Open("in.txt", $"{line}\r\n{line}\n{line}").Read().Select(i => i.Text).ShouldBe([line, line, line]);
    }

    [ProcessFact]
    public void Nul_ends_items_that_may_have_lines() =>
        Open("in.txt", "a\nb\0\0c\r\n\0d", r => r with { EndsWithNul = true }).Read().Select(i => i.Text).ShouldBe(["a\nb", "", "c\r\n", "d"]);

    [ProcessTheory]
    [InlineData("[\n  {\n    \"n\": 1\n  },\n  {\n    \"n\": \"a ] \\\" ,\"\n  }\n]\n", "{ \"n\": 1 }@2|{ \"n\": \"a ] \\\" ,\" }@5")]
    [InlineData("[1,[2, 3],\"x\",null]", "1@1|[2, 3]@1|\"x\"@1|null@1")]
    [InlineData("[]", "")]
    [InlineData(" [ ] ", "")]
    [InlineData("", "")]
    [InlineData("{\n\"a\": [1]}\n{\"b\":2}{}", "{ \"a\": [1]}@1|{\"b\":2}@3|{}@3")]
    [InlineData("1 2\n\"a b\" true", "1@1|2@1|\"a b\"@2|true@2")]
    [InlineData("[1 2]", "1 2@1")] // which is no value, and not the number 12
    public void The_elements_of_an_array_or_the_values_of_a_file_are_items(string json, string items) =>
        string.Join('|', Open("in.json", json).Read().Select(i => $"{i.Text}@{i.Line}")).ShouldBe(items);

    [ProcessFact]
    public void An_element_that_is_missing_is_malformed() =>
        Open("in.json", "[1,,2,]").Read().Select(i => i.IsBroken).ShouldBe([false, true, false, true]);

    [ProcessTheory]
    [InlineData("[1,\n2", "the array or object opened in line 1 is never closed.")]
    [InlineData("[1,\n{\"a\":1, ", "the array or object opened in line 2 is never closed.")]
    [InlineData("[1,\n\"a\n,2]", "the string opened in line 2 is never closed.")]
    [InlineData("[1]\n[2]", "line 2 has more text after the array. If each line is a value, add --input-format jsonl.")]
    public void Json_that_breaks_off_is_an_error_at_its_line(string json, string error) =>
        Should.Throw<IOException>(() => Open("in.json", json).Read().ToList()).Message.ShouldBe(error);

    [ProcessFact]
    public void Json_over_several_lines_is_not_an_error_a_line()
    {
        const string says = "has JSON values that span several lines, but is read line by line. Add --input-format json";
        Should.Throw<UsageException>(() => Open("in.jsonl", "\n[\n1\n]\n").Read().ToList()).Message.ShouldContain(says);
        Should.Throw<UsageException>(() => Open("in.txt", "{\n\"a\":1}\n", wantsOne: false).Read().ToList()).Message.ShouldContain(says);
        Open("in.txt", "[\n").Read().Select(i => i.Text).ShouldBe(["["]); // text is text
    }

    [ProcessTheory]
    [InlineData("in.txt.gz")]
    [InlineData("in.csv")]
    [InlineData("in.json")]
    public void A_packed_file_is_one_message(string name)
    {
        using (var packed = new GZipStream(File.Create(_folder.PathOf(name)), CompressionLevel.Fastest)) packed.Write("a,b\n1,2\n"u8);

        var mistake = Should.Throw<UsageException>(() => Open(name, null).Read().ToList());
        mistake.Message.ShouldBe(
            $"The input, {_folder.PathOf(name)}, is compressed (gzip). Decompress it into a pipe: "
            + $"gzip -dc {_folder.PathOf(name)} | samovar map … (with --input-format if it is not lines).");
    }

    private ItemInput Open(string name, string? text, Func<MapRequest, MapRequest>? change = null, bool wantsOne = true)
    {
        if (text is not null) File.WriteAllText(_folder.PathOf(name), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var request = new MapRequest { Target = "t", Input = _folder.PathOf(name) };
        return InputChoice.Make(change is null ? request : change(request), wantsOne ? typeof(string) : typeof(Order), _ => { });
    }
}
