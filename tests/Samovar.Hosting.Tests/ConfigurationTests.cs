using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Samovar.Hosting.Tests;

public sealed class ConfigurationTests
{
    private const string Images = "Samovar:Executors:images";

    /// <summary>A value for each key, and how the option then reads.</summary>
    public static TheoryData<string, string, object> Values => new()
    {
        { "Workers", "3", 3 },
        { "QueueCapacity", "5", 5 },
        { "QueueFullMode", "reject", QueueFullMode.Reject },
        { "SpareWorkers", "1", 1 },
        { "MaxTasksPerWorker", "7", 7 },
        { "MemoryLimitPerWorker", "33554432", 33554432L },
        { "HardMemoryLimit", "67108864", 67108864L },
        { "HeapLimit", "67108865", 67108865L },
        { "IdleTimeout", "00:00:09", TimeSpan.FromSeconds(9) },
        { "StartTimeout", "infinite", Timeout.InfiniteTimeSpan },
        { "ExitTimeout", "00:00:04", TimeSpan.FromSeconds(4) },
        { "CancellationGrace", "00:00:00.5", TimeSpan.FromSeconds(0.5) },
        { "WorkingDirectory", "/", "/" },
        { "RuntimeConfiguration", "/a.json", Path.GetFullPath("/a.json") },
        { "Niceness", "2", 2 },
        { "ServerGarbageCollection", "true", true },
        { "ConcurrentGarbageCollection", "True", true },
        { "EnableDiagnostics", "true", true },
        { "KeepsPostMortem", "false", false },
        { "Output", "Capture", WorkerOutput.Capture },
        { "InProcess", "true", true },
    };

    [ThreadTheory]
    [MemberData(nameof(Values))]
    public void Every_option_that_is_a_value_can_be_configured(string key, string value, object expected)
    {
        var options = OptionsOf(services => services.AddSamovar().AddProcessExecutor("images"), ($"{Images}:{key}", value));

        typeof(ProcessExecutorOptions).GetProperty(key)!.GetValue(options).ShouldBe(expected);
    }

    [ThreadFact]
    public void Every_key_that_an_error_lists_has_a_test()
    {
        string known = Failures("images", ($"{Images}:Wrokers", "1")).Single();

        known.ShouldBe($"{Images}:Wrokers is no option of this executor. The known keys are "
            + string.Join(", ", Values.Select(static row => row.Data.Item1).Concat(["Environment", "ProcessorAffinity", "Resources", "StartEagerly"]).Order(StringComparer.Ordinal)) + ".");
    }

    [ThreadFact]
    public void Lists_and_pairs_can_be_configured()
    {
        var options = (ProcessExecutorOptions)OptionsOf(
            static services => services.AddSamovar().AddProcessExecutor("images"),
            ($"{Images}:ProcessorAffinity:0", "0"), ($"{Images}:ProcessorAffinity:1", "2"), ($"{Images}:Environment:LANG", "C"),
            ($"{Images}:Resources:gpu", "2"), ($"{Images}:Resources:memory", "1e9"));

        options.ProcessorAffinity.ShouldBe([0, 2]);
        options.Resources.ShouldBe(new ResourceAmounts { ["gpu"] = 2, ["memory"] = 1e9 });
        options.Environment.ShouldBe([KeyValuePair.Create("LANG", (string?)"C")]);
    }

    [ThreadFact]
    public void The_configuration_overrides_the_program_and_the_program_overrides_the_defaults()
    {
        var options = (ProcessExecutorOptions)OptionsOf(
            static services => services.AddSamovar().AddProcessExecutor("images", static options => options with { Workers = 8, QueueCapacity = 80 }),
            ($"{Images}:Workers", "2"), ($"{Images}:IdleTimeout", "00:01:00"));

        options.Workers.ShouldBe(2);
        options.QueueCapacity.ShouldBe(80);
        options.IdleTimeout.ShouldBe(TimeSpan.FromMinutes(1));
    }

    [ThreadFact]
    public void An_empty_value_means_no_limit()
    {
        var options = (ProcessExecutorOptions)OptionsOf(
            static services => services.AddSamovar().AddProcessExecutor("images", static options => options with { QueueCapacity = 80 }), ($"{Images}:QueueCapacity", ""));

        options.QueueCapacity.ShouldBeNull();
    }

    [ThreadFact]
    public void Options_that_the_program_shares_between_executors_are_not_changed()
    {
        var shared = new ThreadExecutorOptions { Workers = 2 };

        var options = (ThreadExecutorOptions)OptionsOf(services => services.AddSamovar().AddThreadExecutor("images", _ => shared), ($"{Images}:Workers", "5"));

        options.Workers.ShouldBe(5);
        shared.Workers.ShouldBe(2);
    }

    [ThreadTheory]
    [InlineData("Workers", "0", "is '0': Workers must be from 1 to 4,096.")]
    [InlineData("Workers", "many", "is 'many': it must be a whole number.")]
    [InlineData("Workers", "", "is '': it must be a whole number.")]
    [InlineData("Workers", "99999999999", "is '99999999999': it must be a whole number.")]
    [InlineData("SpareWorkers", "65", "is '65': SpareWorkers must be from 0 to 64.")]
    [InlineData("InProcess", "yes", "is 'yes': it must be true or false.")]
    [InlineData("StartEagerly", "yes", "is 'yes': it must be true or false.")]
    [InlineData("QueueFullMode", "1", "is '1': it must be one of Wait, Reject.")]
    [InlineData("StartTimeout", "30", "is '30': it must be a time as hours, minutes and seconds, such as 00:00:30, or Infinite.")]
    [InlineData("StartTimeout", "24:00:00", "is '24:00:00': it must be a time as hours, minutes and seconds, such as 00:00:30, or Infinite.")]
    [InlineData("Environment:LOG:LEVEL", "debug", "is 'LEVEL=debug': it must be a text, not a section.", "Environment:LOG")]
    [InlineData("Workers:0", "1", null)]
    [InlineData("Resources", "gpu", "is 'gpu': it must be a section, with keys such as Samovar:Executors:images:Resources:gpu.")]
    [InlineData("Resources:gpu", "two", "is 'two': it must be a number.")]
    [InlineData("Resources:gpu", "-1", "is '-1': it must be an amount from 0.0001 to 900000000000000, for a name of at most 64 characters.")]
    [InlineData("ProcessorAffinity", "0,1", "is '0,1': it must be a list, with keys such as Samovar:Executors:images:ProcessorAffinity:0.")]
    [InlineData("Environment", "A=B", "is 'A=B': it must be a section, with keys such as Samovar:Executors:images:Environment:NAME.")]
    public void An_invalid_value_is_reported_with_its_key(string key, string value, string? reason, string? reported = null) =>
        Failures("images", ($"{Images}:{key}", value)).ShouldBe([
            reason is null ? $"{Images}:Workers is a section: a single value is expected." : $"{Images}:{reported ?? key} {reason}",
        ]);

    [ThreadTheory]
    [InlineData("Initializer")]
    [InlineData("LoggerFactory")]
    [InlineData("TimeProvider")]
    [InlineData("OutputReceived")]
    [InlineData("Name")]
    public void An_option_of_the_program_is_refused_in_the_configuration(string key) =>
        Failures("images", ($"{Images}:{key}", "x")).Single().ShouldStartWith($"{Images}:{key} is set by code only. The known keys are CancellationGrace,");

    [ThreadFact]
    public void A_section_that_is_a_value_is_reported() =>
        Failures("images", (Images, "4")).ShouldBe([$"{Images} is '4': a section with the options of the executor is expected, such as {Images}:Workers."]);

    [ThreadFact]
    public async Task Every_error_in_the_configuration_of_any_executor_fails_the_start()
    {
        using var host = TestHost.Build(
            static services => services.AddSamovar().AddProcessExecutor("images").AddThreadExecutor("io"),
            ($"{Images}:Workers", "0"), ($"{Images}:Typo", "1"), ("Samovar:Executors:io:Workers", "-1"));

        var error = await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync());

        error.Failures.Count().ShouldBe(3);
        error.Message.ShouldContain("Samovar:Executors:images:Workers is '0': Workers must be from 1 to 4,096.");
        error.Message.ShouldContain("Samovar:Executors:images:Typo is no option of this executor.");
        error.Message.ShouldContain("Samovar:Executors:io:Workers is '-1': ");
        host.Services.GetRequiredService<SamovarExecutors>().GetStatistics().ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task A_section_without_an_executor_is_logged()
    {
        using var host = TestHost.Build(
            out var log, static services => services.AddSamovar().AddProcessExecutor("images"), ("Samovar:Executors:imgaes:Workers", "2"), ($"{Images}:Workers", "1"));

        await host.StartAsync();
        await host.StopAsync();

        log.Log.ShouldContain("Warning: Samovar:Executors:imgaes has no effect: there is no such executor. The registered executors are 'images'.");
        log.Log.Count(static line => line.StartsWith("Warning", StringComparison.Ordinal)).ShouldBe(1);
    }

    [ThreadFact]
    public void The_section_can_be_another_one()
    {
        var options = (ProcessExecutorOptions)OptionsOf(
            static services => services.AddSamovar(static options => options with { ConfigurationSection = "Shop:Pools" }).AddProcessExecutor("images"),
            ("Shop:Pools:Executors:images:Workers", "3"));

        options.Workers.ShouldBe(3);
    }

    [ThreadFact]
    public void The_executor_without_a_name_has_the_section_Default()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor(""), ("Samovar:Executors:Default:Workers", "3"));

        host.Services.GetRequiredService<ThreadExecutor>().Workers.ShouldBe(3);
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddSamovar().AddThreadExecutor("").AddThreadExecutor("default"))
            .Message.ShouldContain("it would share the configuration section 'default' with executor ''");
    }

    private static ExecutorOptions OptionsOf(Action<IServiceCollection> add, params (string Key, string? Value)[] settings)
    {
        using var host = TestHost.Build(add, settings);
        var executors = host.Services.GetRequiredService<SamovarExecutors>();
        return executors.SettingsOf(executors.Entries[0]).Options;
    }

    private static IEnumerable<string> Failures(string name, params (string Key, string? Value)[] settings)
    {
        using var host = TestHost.Build(services => services.AddSamovar().AddProcessExecutor(name), settings);
        return Should.Throw<OptionsValidationException>(() => host.Services.GetRequiredKeyedService<Executor>(name)).Failures;
    }
}
