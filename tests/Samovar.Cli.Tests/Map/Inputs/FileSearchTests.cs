using System.Net.Sockets;
using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Tests.Map.Inputs;

public sealed class FileSearchTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessTheory]
    [InlineData("a/**", "a/b/two.txt a/one.txt")]
    [InlineData("a", "a/b/two.txt a/one.txt")]
    [InlineData("a/*", "a/one.txt")]
    [InlineData("**/*.txt", "a/b/two.txt a/one.txt")]
    [InlineData("** !a/b/**", "a/one.txt three.md")]
    [InlineData("** !**/b/*", "a/one.txt three.md")]
    [InlineData("** !three.md", "a/b/two.txt a/one.txt")]
    [InlineData("a/one.txt three.md a/*.txt", "a/one.txt three.md")]
    public void Patterns_add_up_and_leave_out(string patterns, string found)
    {
        _folder.Write("a/one.txt", "");
        _folder.Write("a/b/two.txt", "");
        _folder.Write("three.md", "");

        Find(patterns).ShouldBe(found.Split(' '));
    }

    [ProcessTheory]
    [InlineData("a?.txt", "a1.txt aB.txt")]
    [InlineData("a[0-9].txt", "a1.txt")]
    [InlineData("a[!0-9].txt", "aB.txt")]
    [InlineData("{a1,b}.txt", "a1.txt b.txt")]
    [InlineData("{deep,no}/**/*.{md,txt}", "deep/er/x.md")]
    [InlineData("*[*]*", "odd[1]*.txt")]
    [InlineData("odd[1]*.txt", "odd[1]*.txt")] // a file of that very name
    [InlineData("d**r/*", "")]
    [InlineData("./d*/./e?/*", "deep/er/x.md")]
    [InlineData("*.txt !a?.txt !odd*", "b.txt")]
    public void Wildcards_match_as_in_a_shell(string patterns, string found)
    {
        foreach (string name in (string[])["a1.txt", "aB.txt", "b.txt", "odd[1]*.txt", "deep/er/x.md"]) _folder.Write(name, "");

        Find(patterns).ShouldBe(found.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [ProcessFact]
    public void What_could_mean_two_things_or_does_nothing_is_reported()
    {
        _folder.Write("src/obj/a.txt", "");
        _folder.Write("!b.txt", "");
        List<string> said = [];

        FileSearch.Find([_folder.PathOf("**"), "!obj", "!**/none/**"], [], said.Add).Count.ShouldBe(2);
        said.ShouldBe(["'!obj' excludes nothing. To exclude all folders of that name, write '!**/obj/**'."]);
        _folder.Write("src/a.txt", ""); // where the framework finds it by that name
        Should.Throw<UsageException>(() => Find("src/**/../a.txt")).Message.ShouldStartWith("'**/../a.txt' has .. after a wildcard");
        FileSearch.Find([_folder.PathOf("!b.txt")], []).ShouldHaveSingleItem();
    }

    [ProcessFact]
    public void Links_to_folders_are_not_followed()
    {
        _folder.Write("a/one.txt", "");
        Directory.CreateSymbolicLink(_folder.PathOf("a/round"), _folder.PathOf("a"));

        Find("a/**").ShouldBe(["a/one.txt"]);
    }

    [ProcessFact]
    public void Only_regular_files_and_links_to_them_are_found()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "on other systems a socket is not a file, or cannot be distinguished from one");
        _folder.Write("a/one.txt", "");
        File.CreateSymbolicLink(_folder.PathOf("a/link"), _folder.PathOf("a/one.txt"));
        File.CreateSymbolicLink(_folder.PathOf("a/null"), "/dev/null");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder.PathOf("a/socket")));
        var leftOut = new List<string>();

        FileSearch.Find([Whole("a/**")], [], leftOut: leftOut).Select(Path.GetFileName).ShouldBe(["link", "one.txt"]);
        leftOut.ShouldBe(
        [
            $"'{_folder.PathOf("a/null")}' is a device, not a regular file",
            $"'{_folder.PathOf("a/socket")}' is a socket, not a regular file",
        ]);
    }

    [ProcessTheory]
    [InlineData("**")]
    [InlineData("closed/**")]
    public void A_folder_that_may_not_be_read_is_named_and_can_be_left_out(string pattern)
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("this user may read every folder");
            return;
        }

        _folder.Write("one.txt", "");
        DirectoryInfo closed = Directory.CreateDirectory(_folder.PathOf("closed"));
        File.SetUnixFileMode(closed.FullName, UnixFileMode.None);
        try
        {
            Should.Throw<UsageException>(() => Find(pattern)).Message.ShouldContain("closed' is denied. Exclude that folder with '!FOLDER/**'.");
            Find("** !closed/**").ShouldBe(["one.txt"]);
        }
        finally
        {
            File.SetUnixFileMode(closed.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // Patterns of this folder, and what they find in it.
    private IEnumerable<string> Find(string patterns) =>
        FileSearch.Find([.. patterns.Split(' ').Select(p => p[0] == '!' ? $"!{Whole(p[1..])}" : Whole(p))], [])
            .Select(path => Path.GetRelativePath(_folder.Root, path));

    private string Whole(string pattern) => pattern.StartsWith("**/b", StringComparison.Ordinal) ? pattern : Path.Combine(_folder.Root, pattern);
}
