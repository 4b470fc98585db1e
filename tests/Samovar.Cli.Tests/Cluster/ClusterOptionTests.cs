namespace Samovar.Cli.Tests.Cluster;

/// <summary>The options that name a cluster, given to the real tool.</summary>
public sealed class ClusterOptionTests : IDisposable
{
    private static readonly string s_key = $"key1:{Convert.ToBase64String(new byte[32])}";

    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProcessTheory]
    [InlineData("worker", "no broker: give its address with --broker amqp://user:password@host/vhost, or in the variable SAMOVAR_BROKER.")]
    [InlineData("worker --broker broker.example", "--broker is not the address of a broker: it has the form amqp://user:password@host:port/vhost")]
    [InlineData("cluster status --broker amqp://u:secret@broker.example/", "the broker amqp://u@broker.example:5672/%2F is not on this machine, so messages need a key")]
    [InlineData("worker --broker amqp://localhost --cluster a.b", "'a.b' is not a name of a cluster")]
    [InlineData("worker --broker amqp://localhost --key-file /nowhere/key", "the key file cannot be read")]
    [InlineData("worker --broker amqp://localhost --workers 0", "--workers takes a whole number from 1 to 4,096, not '0'.")]
    [InlineData("worker --broker amqp://localhost --drain-timeout soon", "--drain-timeout takes a time such as 0, 500ms, 10s or 2m, not 'soon'.")]
    [InlineData("cluster dead retry --broker amqp://localhost", "retry takes either ids or --all.")]
    [InlineData("cluster dead drop 1234 --all --broker amqp://localhost", "drop takes either ids or --all.")]
    [InlineData("cluster key --name a.b", "the name 'a.b' is not valid")]
    [InlineData("cluster statsu", "unknown command 'statsu'. Did you mean 'status'?\nTry 'samovar cluster --help'.")]
    [InlineData("doctor --broker", "no broker: give its address")]
    public async Task A_mistake_is_one_line_with_what_to_do(string line, string message)
    {
        ToolRun run = await ToolRun.ToolAsync([("SAMOVAR_BROKER", null)], line.Split(' '));

        run.ExitCode.ShouldBe(ExitCode.Usage, run.Error);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldStartWith($"samovar: {message}");
        run.Error.ShouldNotContain("secret");
        run.Error.ShouldNotContain("   at ");
    }

    [ProcessTheory]
    [InlineData("worker --connect-timeout 0")]
    [InlineData("cluster status")]
    [InlineData("cluster drain ann")]
    [InlineData("cluster dead list")]
    [InlineData("doctor --broker")]
    public async Task An_absent_broker_is_named_without_its_password(string line)
    {
        ToolRun run = await ToolRun.ToolAsync([("SAMOVAR_BROKER", "amqp://u:secret@127.0.0.1:1/")], line.Split(' '));

        run.ExitCode.ShouldBe(ExitCode.NoAnswer, run.Error);
        string all = run.Output + run.Error;
        all.ShouldContain("RabbitMQ at amqp://u@127.0.0.1:1/%2F cannot be reached: Connection refused. Check that the broker runs");
        all.ShouldNotContain("secret");
        all.ShouldNotContain("   at ");
    }

    [ProcessFact]
    public async Task A_new_key_file_is_readable_by_its_user_only_and_is_not_overwritten()
    {
        string file = Path.Combine(_folder, "cluster.key");

        (await ToolRun.ToolAsync("cluster", "key", "--output", file)).ShouldBe(new ToolRun(ExitCode.Success, "", ""));
        string content = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        ToolRun again = await ToolRun.ToolAsync("cluster", "key", "--output", file);
        ToolRun used = await ToolRun.ToolAsync("worker", "--broker", "amqp://u:p@broker.invalid/", "--key-file", file, "--connect-timeout", "0");

        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        content.ShouldMatch("^key1:[A-Za-z0-9+/]{43}=\n$");
        again.ExitCode.ShouldBe(ExitCode.Usage);
        again.Error.ShouldContain("exists, and members may use the keys in it");
        used.ExitCode.ShouldBe(ExitCode.NoAnswer, used.Error); // the key is accepted, and the host does not exist
    }

    [ProcessFact]
    public async Task Keys_are_random_and_have_the_name_that_was_chosen()
    {
        string first = (await ToolRun.ToolAsync("cluster", "key", "--name", "2026")).Output;
        string second = (await ToolRun.ToolAsync("cluster", "key", "--name", "2026")).Output;

        first.ShouldStartWith("2026:");
        first.ShouldNotBe(second);
    }

    [ThreadFact]
    public void A_key_file_has_a_key_a_line_and_the_first_one_signs()
    {
        string file = Path.Combine(_folder, "keys");
        File.WriteAllText(file, $"# replaced in June\n\n  new:{s_key[5..]}\n{s_key}\n");

        var keys = Samovar.Cli.Cluster.KeyFile.Read(file);

        keys.SigningId.ShouldBe("new");
        keys.AcceptedIds.ShouldBe(["new", "key1"], ignoreOrder: true);
    }

    [ThreadTheory]
    [InlineData("# no key\n", "has no key")]
    [InlineData("key1:AAAA\n", "at least 16 are needed")]
    [InlineData("key1=AAAAAAAAAAAAAAAAAAAAAA==\n", "does not have the form name:secret")]
    public void A_key_file_that_is_not_valid_is_refused_without_showing_it(string content, string message)
    {
        string file = Path.Combine(_folder, "keys");
        File.WriteAllText(file, content);

        var error = Should.Throw<UsageException>(() => Samovar.Cli.Cluster.KeyFile.Read(file));

        error.Message.ShouldContain(message);
        error.Message.ShouldNotContain("AAAA");
        error.Message.ShouldNotContain("Parameter");
    }
}
