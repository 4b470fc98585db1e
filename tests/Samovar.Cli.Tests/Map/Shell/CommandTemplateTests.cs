using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Tests.Map.Shell;

public sealed class CommandTemplateTests
{
    private const string Nasty = "it's \"$(x)\" `y` ; rm -rf * | & > \\ {} \n-n";

    [ThreadTheory]
    [InlineData("echo {}", "echo a/b.c.d")]
    [InlineData("echo {.} {/} {//} {/.} {#} {%}", "echo a/b.c b.c.d a b.c 7 2")]
    [InlineData("  echo   'two  words' {}x{}  ", "echo 'two  words' a/b.c.dxa/b.c.d")]
    [InlineData("gzip -9", "gzip -9 a/b.c.d")]
    [InlineData("echo {#}", "echo 7")]
    [InlineData("awk '{print $1}' {}", "awk '{print $1}' a/b.c.d")]
    [InlineData("echo {{x}} {{}} {a,b}", "echo '{x}' '{}' '{a,b}' a/b.c.d")]
    [InlineData("a\\ b \"c\\\"d\" e\\'f", "'a b' 'c\"d' 'e'\\''f' a/b.c.d")]
    public void A_command_without_shell_syntax_is_a_program_and_its_arguments(string template, string expected)
    {
        CommandTemplate command = CommandTemplate.Parse(template, PlaceholderNames.OfText);

        command.UsesShell.ShouldBeFalse();
        command.Describe(Values("a/b.c.d")).ShouldBe(expected);
    }

    [ThreadTheory]
    [InlineData("echo {} | cat")]
    [InlineData("echo {} > out")]
    [InlineData("a && b {}")]
    [InlineData("echo $HOME {}")]
    [InlineData("echo ${HOME} {}")]
    [InlineData("echo \"$HOME\" {}")]
    [InlineData("echo `date` {}")]
    [InlineData("ls *.c {}")]
    [InlineData("ls ~ {}")]
    [InlineData("A=1 env {}")]
    [InlineData("exit {}")]
    [InlineData("cd {}")]
    [InlineData("echo {} # a comment")]
    [InlineData("echo {}\necho b")]
    public void A_command_with_shell_syntax_is_run_by_a_shell(string template) =>
        CommandTemplate.Parse(template, PlaceholderNames.OfText).UsesShell.ShouldBeTrue();

    [ThreadTheory]
    [InlineData("echo '$HOME' '*' \"a;b\" {}")]
    [InlineData("find {} -name \\*.c")]
    [InlineData("env A=1 {}")]
    [InlineData("echo a~b a#b {}")]
    public void Quoted_shell_syntax_needs_no_shell(string template) =>
        CommandTemplate.Parse(template, PlaceholderNames.OfText).UsesShell.ShouldBeFalse();

    [ThreadTheory]
    [InlineData("echo {} |cat", "echo X |cat")]
    [InlineData("echo \"a {} b\" |cat", "echo \"a \"X\" b\" |cat")]
    [InlineData("echo 'a {} b' |cat", "echo 'a 'X' b' |cat")]
    [InlineData("echo \"$(basename {})\"", "echo \"$(basename X)\"")]
    [InlineData("echo \"$(basename \"{}\")\"", "echo \"$(basename \"\"X\"\")\"")]
    [InlineData("cat a |", "cat a | X")]
    public void In_a_script_a_placeholder_is_quoted_as_its_position_requires(string template, string expected)
    {
        CommandTemplate command = CommandTemplate.Parse(template, PlaceholderNames.OfText);

        command.Describe(Values(Nasty)).ShouldBe(expected.Replace("X", ShellQuote.Word(Nasty), StringComparison.Ordinal));
        string[] words = command.Arguments(Values(Nasty));
        words[..2].ShouldBe(["/bin/sh", "-c"]);
        words[2].ShouldNotContain("rm -rf"); // the script does not depend on the item
        words[3..].ShouldBe(["sh", Nasty]);
    }

    [ThreadFact]
    public void Without_a_shell_an_item_is_one_argument_whatever_it_contains() =>
        CommandTemplate.Parse("echo {} -{}-", PlaceholderNames.OfText).Arguments(Values(Nasty)).ShouldBe(["echo", Nasty, $"-{Nasty}-"]);

    [ThreadTheory]
    [InlineData("echo {x}", "The command has an unknown placeholder, {x}: a column needs CSV or JSON as input. Placeholders are {}, {.}, {/}, {//}, {/.}, {#} and {%}. Write {{x}} for the text {x}.")]
    [InlineData("echo {1}", "The command has an unknown placeholder, {1}: {1}, {2} and so on need --colsep.")]
    [InlineData("", "The command is empty.")]
    [InlineData(" \n", "The command is empty.")]
    [InlineData("echo 'a {}", "The command has a single quote that is never closed: echo 'a {}")]
    [InlineData("echo \"a {}", "The command has a double quote that is never closed")]
    [InlineData("echo $(a {}", "The command has a $( that is never closed")]
    [InlineData("echo {} \\", "The command has a backslash at its end")]
    [InlineData("cat << EOF\n{}\nEOF", "The command has a here-document (<<)")]
    [InlineData("echo $(({} + 1))", "The placeholder {} is inside $((…))")]
    [InlineData("sh -c 'echo {}'", "The placeholder {} is inside the script of 'sh -c', which would run the text of an item as code.")]
    [InlineData("cd /tmp && /bin/bash -ec \"echo {/}\"", "The placeholder {/} is inside the script of 'bash -ec'")]
    [InlineData("eval echo {}", "The placeholder {} is inside the script of 'eval'")]
    public void A_template_that_is_not_valid_is_refused(string template, string message) =>
        Should.Throw<UsageException>(() => CommandTemplate.Parse(template, PlaceholderNames.OfText)).Message.ShouldStartWith(message);

    [ThreadTheory]
    [InlineData("echo {name} {Name/} {2}", "echo x/y y 5")]
    [InlineData("echo {given name.}", "echo Ann")]
    public void Columns_are_placeholders(string template, string expected)
    {
        var names = PlaceholderNames.OfColumns("o.csv", ["name", "n", "given name"]);
        var item = new InputItem(1, "{\"name\":\"x/y\",\"n\":\"5\",\"given name\":\"Ann.E\"}");

        CommandTemplate.Parse(template, names).Describe(new ItemValues(item, new ItemShape(ItemFormat.Fields, null), 1)).ShouldBe(expected);
    }

    [ThreadFact]
    public void An_unknown_column_is_refused_with_those_that_exist() =>
        Should.Throw<UsageException>(() => CommandTemplate.Parse("echo {nam}", PlaceholderNames.OfColumns("o.csv", ["name", "n"]))).Message
            .ShouldStartWith("The command has an unknown placeholder, {nam}: o.csv has no column 'nam'; it has name, n. ");

    [ThreadTheory]
    [InlineData(":", "a:b", "b a")]
    [InlineData("tab", "a\tb", "b a")]
    [InlineData(" +", "a   b", "b a")]
    [InlineData("|", "a|b", "b a")]
    public void Lines_are_split_at_a_separator(string separator, string line, string expected)
    {
        var shape = new ItemShape(ItemFormat.Text, ItemShape.TryParseSeparator(separator));

        CommandTemplate.Parse("echo {2} {1}", PlaceholderNames.OfNumbers).Describe(new ItemValues(new InputItem(1, line), shape, 1)).ShouldBe($"echo {expected}");
    }

    [ThreadTheory]
    [InlineData("echo {3}", "a:b", "it has 2 columns, and the command uses column 3")]
    [InlineData("echo {1}", "a\0:b", "it contains a NUL character, which no argument of a program can contain")]
    public void An_item_without_a_valid_value_is_malformed(string template, string line, string message)
    {
        var values = new ItemValues(new InputItem(1, line), new ItemShape(ItemFormat.Text, ItemShape.TryParseSeparator(":")), 1);

        Should.Throw<MalformedItemException>(() => CommandTemplate.Parse(template, PlaceholderNames.OfNumbers).Arguments(values)).Message.ShouldBe(message);
    }

    [ThreadTheory]
    [InlineData("")]
    [InlineData("x*")]
    [InlineData("(a")]
    public void A_separator_that_matches_nothing_or_is_not_valid_is_refused(string text) => ItemShape.TryParseSeparator(text).ShouldBeNull();

    [ThreadTheory]
    [InlineData("a/b.c", nameof(PathPart.WithoutExtension), "a/b")]
    [InlineData("a.d/b", nameof(PathPart.WithoutExtension), "a.d/b")]
    [InlineData("a/.bashrc", nameof(PathPart.WithoutExtension), "a/.bashrc")]
    [InlineData("b", nameof(PathPart.Folder), ".")]
    [InlineData("/b", nameof(PathPart.Folder), "/")]
    [InlineData("a//b/", nameof(PathPart.Folder), "a")]
    [InlineData("/", nameof(PathPart.Folder), "/")]
    [InlineData("a/b/", nameof(PathPart.Name), "b")]
    [InlineData("/", nameof(PathPart.Name), "/")]
    [InlineData("a/b.tar.gz", nameof(PathPart.NameWithoutExtension), "b.tar")]
    [InlineData("", nameof(PathPart.Name), "")]
    public void Paths_are_split_at_slashes_and_the_last_dot(string path, string part, string expected) => PathParts.Of(path, Enum.Parse<PathPart>(part)).ShouldBe(expected);

    private static ItemValues Values(string text) => new(new InputItem(7, text), new ItemShape(ItemFormat.Text, null), slot: 2);
}
