using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Samovar.Hosting.Tests;

public sealed class RegistrationTests
{
    [ThreadFact]
    public void An_executor_is_one_object_under_its_type_and_under_the_base_type()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddProcessExecutor("images").AddThreadExecutor("io"));

        var images = host.Services.GetRequiredKeyedService<ProcessExecutor>("images");

        host.Services.GetRequiredKeyedService<Executor>("images").ShouldBeSameAs(images);
        host.Services.GetRequiredService<SamovarExecutors>().Get("images").ShouldBeSameAs(images);
        host.Services.GetRequiredKeyedService<Executor>("io").ShouldBeOfType<ThreadExecutor>();
        images.Name.ShouldBe("images");
    }

    [ThreadFact]
    public void The_first_executor_of_a_type_is_the_service_without_a_key()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("io").AddProcessExecutor("images").AddProcessExecutor("films"));

        host.Services.GetRequiredService<ProcessExecutor>().Name.ShouldBe("images");
        host.Services.GetRequiredService<ThreadExecutor>().Name.ShouldBe("io");
        host.Services.GetRequiredService<Executor>().Name.ShouldBe("io");
    }

    [ThreadFact]
    public void The_executor_without_a_name_is_the_service_without_a_key()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("io").AddThreadExecutor(""));

        host.Services.GetRequiredService<Executor>().ShouldBeSameAs(host.Services.GetRequiredKeyedService<ThreadExecutor>(""));
        host.Services.GetRequiredService<ThreadExecutor>().ShouldBeSameAs(host.Services.GetRequiredKeyedService<ThreadExecutor>(""));
    }

    [ThreadFact]
    public async Task A_service_that_the_program_has_registered_stays()
    {
        await using var own = new InlineExecutor();
        using var host = TestHost.Build(services =>
        {
            services.AddSingleton<Executor>(own);
            services.AddSamovar().AddThreadExecutor("io");
        });

        host.Services.GetRequiredService<Executor>().ShouldBeSameAs(own);
    }

    [ThreadTheory]
    [InlineData("io", "that name is in use")]
    [InlineData("IO", "it would share the configuration section 'IO' with executor 'io'")]
    public void A_name_in_use_is_refused(string name, string reason)
    {
        var builder = new ServiceCollection().AddSamovar().AddThreadExecutor("io");

        Should.Throw<ArgumentException>(() => builder.AddProcessExecutor(name)).Message
            .ShouldStartWith($"Executor '{name}' cannot be added: {reason}. The registered executors are 'io'.");
    }

    [ThreadTheory]
    [InlineData(" ")]
    [InlineData("a:b")]
    public void A_name_that_no_section_can_have_is_refused(string name) =>
        Should.Throw<ArgumentException>(() => new ServiceCollection().AddSamovar().AddThreadExecutor(name));

    [ThreadFact]
    public void Several_calls_add_to_the_same_executors()
    {
        using var host = TestHost.Build(static services =>
        {
            services.AddSamovar().AddThreadExecutor("one");
            services.AddSamovar().AddThreadExecutor("two");
        });

        host.Services.GetRequiredService<SamovarExecutors>().Names.ShouldBe(["one", "two"]);
        host.Services.GetServices<IHostedService>().Count(static service => service.GetType().Namespace!.StartsWith("Samovar", StringComparison.Ordinal)).ShouldBe(1);
    }

    [ThreadFact]
    public void An_unknown_name_is_reported_with_the_known_ones()
    {
        using var host = TestHost.Build(static services =>
        {
            services.AddSamovar().AddProcessExecutor("images").AddThreadExecutor("io");
            services.AddTransient<Misspelled>();
        });
        const string Message = "There is no executor 'imgaes'. The registered executors are 'images', 'io'. Add it with services.AddSamovar(), or correct the name.";

        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<Misspelled>()).Message.ShouldBe(Message);
        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredKeyedService<Executor>("imgaes")).Message.ShouldBe(Message);
        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<SamovarExecutors>().Get("imgaes")).Message.ShouldBe(Message);
    }

    [ThreadFact]
    public void An_executor_of_another_type_is_reported_with_its_type()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("io"));

        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredKeyedService<ProcessExecutor>("io")).Message
            .ShouldBe("Executor 'io' is a ThreadExecutor, not a ProcessExecutor. Resolve it as ThreadExecutor or as Executor.");
    }

    [ThreadFact]
    public void All_keyed_executors_can_be_enumerated()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("one").AddThreadExecutor("two"));

        host.Services.GetKeyedServices<Executor>("one").Select(static executor => executor.Name).ShouldBe(["one"]);
        host.Services.GetKeyedServices<Executor>(KeyedService.AnyKey).Select(static executor => executor.Name).ShouldBe(["one", "two"], ignoreOrder: true);
        host.Services.GetServices<Executor>().Select(static executor => executor.Name).ShouldBe(["one"]);
    }

    [ThreadFact]
    public void Options_may_depend_on_services()
    {
        using var host = TestHost.Build(static services =>
        {
            services.AddSingleton(new Limits(3));
            services.AddSamovar()
                .AddThreadExecutor("io", static (provider, options) => options with { Workers = provider.GetRequiredService<Limits>().Workers })
                .AddProcessExecutor("images", static (provider, options) => options with { Workers = provider.GetRequiredService<Limits>().Workers + 1 });
        });

        host.Services.GetRequiredService<ThreadExecutor>().Workers.ShouldBe(3);
        host.Services.GetRequiredService<ProcessExecutor>().Workers.ShouldBe(4);
    }

    [ThreadFact]
    public void Clock_log_and_meters_come_from_the_container()
    {
        var clock = new ManualTimeProvider();
        ThreadExecutorOptions? seen = null;
        using var host = TestHost.Build(services =>
        {
            services.AddMetrics();
            services.AddSingleton<TimeProvider>(clock);
            services.AddSamovar().AddThreadExecutor("io", options => seen = options);
        });

        host.Services.GetRequiredService<ThreadExecutor>();

        seen.ShouldNotBeNull();
        seen.TimeProvider.ShouldBeSameAs(clock);
        seen.LoggerFactory.ShouldNotBeNull();
        seen.MeterFactory.ShouldNotBeNull();
    }

    [ThreadFact]
    public async Task A_container_without_host_log_and_configuration_has_the_executors_too()
    {
        var services = new ServiceCollection();
        services.AddSamovar().AddThreadExecutor("io", static options => options with { LoggerFactory = NullLoggerFactory.Instance });
        await using var provider = services.BuildServiceProvider();

        (await provider.GetRequiredService<Executor>().Submit(static () => 42)).ShouldBe(42);
    }

    [ThreadFact]
    public void Options_that_are_null_are_reported()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("io", static _ => null!));

        Should.Throw<InvalidOperationException>(() => host.Services.GetRequiredService<ThreadExecutor>()).Message.ShouldContain("'io' has returned null");
    }

    private sealed record Limits(int Workers);

    private sealed class Misspelled([FromKeyedServices("imgaes")] ProcessExecutor executor)
    {
        public ProcessExecutor Executor { get; } = executor;
    }
}
