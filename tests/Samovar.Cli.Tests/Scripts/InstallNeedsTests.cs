namespace Samovar.Cli.Tests.Scripts;

/// <summary><c>build/install-needs</c>, with stand-ins for apt-get, id and sudo.</summary>
public sealed class InstallNeedsTests : IDisposable
{
    private readonly ScriptFolder _folder = new("build/install-needs");

    public InstallNeedsTests()
    {
        _folder.Write("needs.txt", "# a comment\n\nbash bash everything\nno-such-brewer brewer tests of tea\nno-such-kettle kettle  tests of water\n");
        // Installing puts the program in front of PATH.
        _folder.StandIn("apt-get",
            """
            echo "apt-get $*" >> "$calls"
            [[ $1 == install ]] || exit 0
            for package in "${@:5}"; do
                [[ -e refuse-$package ]] && { echo "E: no candidate for $package"; exit 100; }
                cp /bin/true "../bin/no-such-$package"
            done
            """);
        User("0");
    }

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task Nothing_missing_is_silence()
    {
        _folder.Write("needs.txt", "bash bash everything\n");
        ToolRun run = await InstallAsync();

        run.ShouldBe(new ToolRun(0, "", ""));
        _folder.Calls.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task Root_installs_what_is_missing_and_nothing_else()
    {
        ToolRun run = await InstallAsync();

        run.ExitCode.ShouldBe(0, run.Output + run.Error);
        run.Output.ShouldStartWith("installing: brewer kettle");
        _folder.Calls.ShouldBe(["apt-get update -q", "apt-get install -y -q --no-install-recommends brewer kettle"]);
    }

    [ProcessFact]
    public async Task A_package_that_does_not_install_is_named_with_the_reason()
    {
        _folder.Write("refuse-kettle", "");
        ToolRun run = await InstallAsync();

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("E: no candidate for kettle");
        run.Output.ShouldContain("missing: no-such-kettle (Debian package kettle), for tests of water");
        run.Output.ShouldNotContain("missing: no-such-brewer");
    }

    [ProcessFact]
    public async Task Another_user_installs_through_a_sudo_that_asks_nothing()
    {
        User("1000");
        _folder.StandIn("sudo", "echo \"sudo $*\" >> \"$calls\"; shift; exec \"$@\"");
        ToolRun run = await InstallAsync();

        run.ExitCode.ShouldBe(0, run.Output + run.Error);
        _folder.Calls.ShouldContain("sudo -n apt-get update -q");
        _folder.Calls.ShouldContain("apt-get install -y -q --no-install-recommends brewer kettle");
    }

    [ProcessFact]
    public async Task Another_user_without_it_learns_what_is_missing()
    {
        User("1000");
        _folder.StandIn("sudo", "exit 1");
        ToolRun run = await InstallAsync();

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldBe(
            "missing: no-such-brewer (Debian package brewer), for tests of tea\n"
            + "missing: no-such-kettle (Debian package kettle), for tests of water\n");
        _folder.Calls.ShouldBeEmpty();
    }

    private void User(string id) => _folder.StandIn("id", $"echo {id}");

    private Task<ToolRun> InstallAsync() => _folder.RunAsync("build/install-needs", "needs.txt");
}
