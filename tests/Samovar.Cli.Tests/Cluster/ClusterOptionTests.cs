using Samovar.Cli.Commands;

namespace Samovar.Cli.Tests.Cluster;

/// <summary>The options that name a cluster, given to the real tool.</summary>
public sealed class ClusterOptionTests : IDisposable
{
    private static readonly string s_name = new('n', 64);
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
    [InlineData("worker --broker amqp://localhost --resource gpu", "--resource takes NAME=AMOUNT, such as gpu=2 or memory=64GiB, not 'gpu'.")]
    [InlineData("worker --broker amqp://localhost --resource gpu=2 --resource gpu=1", "--resource 'gpu=1' is not possible. The resource 'gpu' is listed already, with 2.")]
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
    public void Resources_have_a_name_and_a_number_or_a_size()
    {
        ResourceValues.Read(["gpu=2", "share=0.25", "memory=64GiB", "disk=1.5T", "big=1e9", " a b = 1 ", $"{s_name}=1"]).ShouldBe(new ResourceAmounts
        {
            ["gpu"] = 2,
            ["share"] = 0.25,
            ["memory"] = 64L << 30,
            ["disk"] = 3L << 39,
            ["big"] = 1e9,
            ["a b"] = 1,
            [s_name] = 1,
        });
        ResourceValues.Read([]).ShouldBeEmpty();
    }

    [ThreadTheory]
    [InlineData("gpu", "--resource takes NAME=AMOUNT, such as gpu=2 or memory=64GiB, not 'gpu'.")]
    [InlineData("=2", "--resource '=2' names no resource. It takes NAME=AMOUNT, such as gpu=2 or memory=64GiB.")]
    [InlineData(" =2", "--resource ' =2' names no resource. It takes NAME=AMOUNT, such as gpu=2 or memory=64GiB.")]
    [InlineData("gpu=", "--resource 'gpu=' has the amount '', which is not a number such as 2 or 0.5, nor a size such as 512MiB or 64GiB.")]
    [InlineData("gpu=two", "--resource 'gpu=two' has the amount 'two', which is not a number such as 2 or 0.5, nor a size such as 512MiB or 64GiB.")]
    [InlineData("gpu=0,5", "--resource 'gpu=0,5' has the amount '0,5', which is not a number such as 2 or 0.5, nor a size such as 512MiB or 64GiB.")]
    [InlineData("gpu=a=2", "--resource 'gpu=a=2' has the amount 'a=2', which is not a number such as 2 or 0.5, nor a size such as 512MiB or 64GiB.")]
    [InlineData("gpu=0", "--resource 'gpu=0' is not possible. The amount of the resource 'gpu' must be from 0.0001 to 900,000,000,000,000. Leave out a resource that is not needed.")]
    [InlineData("gpu=-1", "--resource 'gpu=-1' is not possible. The amount of the resource 'gpu' must be from 0.0001 to 900,000,000,000,000. Leave out a resource that is not needed.")]
    [InlineData("gpu=NaN", "--resource 'gpu=NaN' is not possible. The amount of the resource 'gpu' must be from 0.0001 to 900,000,000,000,000. Leave out a resource that is not needed.")]
    [InlineData("disk=900T", "--resource 'disk=900T' is not possible. The amount of the resource 'disk' must be from 0.0001 to 900,000,000,000,000. Leave out a resource that is not needed.")]
    [InlineData("a\tb=1", "--resource 'a\tb=1' is not possible. The name of a resource must not contain control characters.")]
    public void A_resource_that_is_not_valid_is_refused_with_a_reason(string value, string message) =>
        Should.Throw<UsageException>(() => ResourceValues.Read(["cpu=1", value])).Message.ShouldBe(message);

    [ThreadFact]
    public void Resources_with_long_names_and_repeated_ones_and_more_than_64_are_refused()
    {
        Should.Throw<UsageException>(() => ResourceValues.Read([$"{s_name}x=1"])).Message
            .ShouldBe($"--resource '{s_name}x=1' is not possible. The name of a resource has 65 characters; at most 64 are possible.");
        Should.Throw<UsageException>(() => ResourceValues.Read(["gpu=2", "gpu=0.5"])).Message
            .ShouldBe("--resource 'gpu=0.5' is not possible. The resource 'gpu' is listed already, with 2.");
        Should.Throw<UsageException>(() => ResourceValues.Read([.. Enumerable.Range(1, 65).Select(static number => $"r{number}=1")])).Message
            .ShouldBe("--resource is given 65 times; a node has at most 64 resources.");
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
