using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>The page for Python users has every name that they know. The names are in PythonNames.txt, a module and a name each;
/// build/python-names.py adds those of the Python at hand.</summary>
public sealed partial class PythonPageTests
{
    private static readonly string s_names = Path.Combine(Repository.Root, "tests/Samovar.Tests/Architecture/PythonNames.txt");
    private static readonly string s_page = Path.Combine(Repository.Root, "docs/how-to/coming-from-python.md");

    [ThreadFact]
    public void The_page_for_Python_users_has_every_name() =>
        File.ReadLines(s_names).Except(NamesOnPage(File.ReadLines(s_page)), StringComparer.Ordinal).ShouldBeEmpty();

    [ThreadFact]
    public void The_page_has_no_name_that_Python_does_not_have() =>
        NamesOnPage(File.ReadLines(s_page)).Except(File.ReadLines(s_names), StringComparer.Ordinal).ShouldBeEmpty();

    [ThreadFact]
    public void A_name_is_found_with_its_module_and_its_class() =>
        NamesOnPage(
        [
            "## `queue`", "| Python | Here |", "| `Queue`, `Queue.put`, `.get` | `Channel<T>` |", "`Stack` is elsewhere", "## `asyncio`", "### Tasks", "| `run` | |",
        ])
        .ShouldBe(["queue Queue", "queue Queue.put", "queue Queue.get", "asyncio run"]);

    /// <summary>What the first column of the tables names; <c>.get</c> belongs to the class of the name before it.</summary>
    private static IEnumerable<string> NamesOnPage(IEnumerable<string> lines)
    {
        string module = "", within = "";
        foreach (string line in lines)
        {
            if (Module().Match(line) is { Success: true } heading) module = heading.Groups["name"].Value;
            if (!line.StartsWith("| `", StringComparison.Ordinal)) continue;
            foreach (Match span in CodeSpan().Matches(line[..line.IndexOf(" | ", StringComparison.Ordinal)]))
            {
                string name = span.Groups["name"].Value;
                if (name[0] == '.') name = within + name;
                within = name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : name;
                yield return $"{module} {name}";
            }
        }
    }

    [GeneratedRegex("^## `(?<name>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Module();

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeSpan();
}
