using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Samovar.Hosting.Health;

namespace Samovar.Hosting.Tests;

public sealed class HealthTests
{
    private static readonly ExecutorStatistics s_idle = new()
    {
        Executor = "io",
        Workers = 1,
        LiveWorkers = 0,
        IdleWorkers = 0,
        Queued = 0,
        Running = 0,
        Submitted = 0,
        Succeeded = 0,
        Failed = 0,
        Canceled = 0,
        Retries = 0,
        TimedOut = 0,
        Abandoned = 0,
        UnobservedFailures = 0,
    };

    [ThreadFact]
    public async Task An_executor_without_use_is_healthy_and_is_not_created()
    {
        using var host = TestHost.Build(static services => Add(services).AddThreadExecutor("io"));

        var report = await CheckAsync(host);

        report.Status.ShouldBe(HealthStatus.Healthy);
        report.Data["io"].ShouldBe("not started");
        host.Services.GetRequiredService<SamovarExecutors>().GetStatistics().ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task The_data_has_the_statistics_of_each_executor()
    {
        using var host = TestHost.Build(static services => Add(services).AddThreadExecutor("io"));
        await host.Services.GetRequiredService<Executor>().Submit(static () => { });

        var report = await CheckAsync(host);

        report.Status.ShouldBe(HealthStatus.Healthy);
        report.Data["io"].ShouldBeOfType<ExecutorStatistics>().Succeeded.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_queue_above_90_percent_is_degraded()
    {
        using var go = new ManualResetEventSlim();
        using var host = TestHost.Build(static services => Add(services).AddThreadExecutor("io", static options => options with { Workers = 1, QueueCapacity = 10 }));
        var executor = host.Services.GetRequiredService<Executor>();
        using var begun = new ManualResetEventSlim();
        List<Future> tasks =
        [
            executor.Submit(() =>
            {
                begun.Set();
                go.Wait();
            }),
        ];
        begun.Wait(TestTimeout.Wait).ShouldBeTrue();
        for (int i = 0; i < 9; i++) tasks.Add(executor.Submit(static () => { }));
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);
        tasks.Add(executor.Submit(static () => { }));

        var report = await CheckAsync(host);

        report.Status.ShouldBe(HealthStatus.Degraded);
        report.Description.ShouldBe("'io' has 10 queued tasks, and its queue has room for 10");
        go.Set();
        await Futures.WhenAll(tasks);
    }

    [ThreadTheory]
    [InlineData(null, HealthStatus.Unhealthy)]
    [InlineData(HealthStatus.Degraded, HealthStatus.Degraded)]
    public async Task An_executor_that_its_initializer_broke_has_the_failure_status(HealthStatus? failure, HealthStatus expected)
    {
        using var host = TestHost.Build(services => Add(services, failure)
            .AddThreadExecutor("io", static options => options with { Initializer = static () => throw new InvalidOperationException("no model") }));
        var executor = host.Services.GetRequiredService<Executor>();
        await Should.ThrowAsync<WorkerInitializationException>(() => executor.Submit(static () => { }).AsTask());

        var report = await CheckAsync(host);

        report.Status.ShouldBe(expected);
        report.Description!.ShouldStartWith("'io' is broken: The initializer of worker");
    }

    [ProcessFact]
    public async Task Workers_that_cannot_start_are_unhealthy_and_degraded_while_a_start_is_tried()
    {
        var clock = new ManualTimeProvider();
        using var host = TestHost.Build(services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            Add(services).AddProcessExecutor("images", static options => options with { Workers = 1, WorkingDirectory = "/does/not/exist" });
        });
        var executor = host.Services.GetRequiredService<Executor>();
        var task = executor.Submit(static () => { });
        await TestTimeout.UntilAsync(() => executor.GetStatistics().FailedStarts == 1);
        var trying = await CheckAsync(host);
        clock.Advance(TimeSpan.FromMinutes(1)); // the pause has elapsed: the next start fails, too late for more patience

        await Should.ThrowAsync<WorkerStartException>(() => task.AsTask().WaitAsync(TestTimeout.Wait));
        var open = await CheckAsync(host);

        trying.Status.ShouldBe(HealthStatus.Degraded);
        trying.Description!.ShouldStartWith("'images' has failed to start a worker and tries again (Retrying): ");
        open.Status.ShouldBe(HealthStatus.Unhealthy);
        open.Description!.ShouldStartWith("'images' cannot start workers: ");
    }

    [ThreadFact]
    public void Queued_work_without_progress_is_a_stall()
    {
        var clock = new ManualTimeProvider();
        var watch = new StallWatch();
        var stuck = s_idle with { Queued = 3, Succeeded = 5 };
        TimeSpan After(int seconds, ExecutorStatistics statistics)
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
            return watch.Observe(statistics, clock);
        }

        After(100, stuck).ShouldBe(TimeSpan.Zero);
        After(29, stuck).ShouldBe(TimeSpan.FromSeconds(29));
        After(1, stuck).ShouldBe(TimeSpan.FromSeconds(30));
        After(1, stuck with { Failed = 1 }).ShouldBe(TimeSpan.Zero);
        After(40, stuck with { Failed = 1, Running = 1 }).ShouldBe(TimeSpan.Zero);
        After(40, stuck with { Failed = 1, Queued = 0 }).ShouldBe(TimeSpan.Zero);
        After(40, stuck with { Failed = 1 }).ShouldBe(TimeSpan.Zero, "it may have been queued a moment ago");
        After(9, stuck with { Failed = 1 }).ShouldBe(TimeSpan.FromSeconds(9));
    }

    [ThreadFact]
    public async Task A_stall_is_unhealthy_after_its_time()
    {
        var clock = new ManualTimeProvider();
        using var host = TestHost.Build(services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            Add(services).AddThreadExecutor("io");
        });
        int attempts = 0;
        var retried = host.Services.GetRequiredService<Executor>().Submit(
            () => ++attempts == 1 ? throw new InvalidOperationException("once") : attempts,
            new TaskOptions { Retry = new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.FromMinutes(5), MaxDelay = TimeSpan.FromMinutes(5), UseJitter = false } });
        await clock.WhenArmedAsync(TimeSpan.FromMinutes(5)); // the task waits for its second attempt, which counts as queued
        (await CheckAsync(host)).Status.ShouldBe(HealthStatus.Healthy);

        clock.Advance(TimeSpan.FromSeconds(30));

        var report = await CheckAsync(host);
        report.Status.ShouldBe(HealthStatus.Unhealthy);
        report.Description.ShouldBe("'io' has 1 queued tasks, and none has run or completed for 30 s");
        clock.Advance(TimeSpan.FromMinutes(5));
        (await retried).ShouldBe(2);
    }

    [ThreadFact]
    public async Task A_check_without_executors_reports_what_is_missing()
    {
        using var host = TestHost.Build(static services => services.AddHealthChecks().AddSamovar());

        (await Should.ThrowAsync<InvalidOperationException>(() => CheckAsync(host))).Message.ShouldContain("Call services.AddSamovar() too.");
    }

    [ThreadFact]
    public void The_name_and_the_tags_of_the_check_are_those_given()
    {
        var services = new ServiceCollection();
        services.AddHealthChecks().AddSamovar("pools", tags: ["ready"]);
        using var provider = services.BuildServiceProvider();

        var registration = provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<HealthCheckServiceOptions>>().Value.Registrations.Single();
        registration.Name.ShouldBe("pools");
        registration.Tags.ShouldBe(["ready"]);
    }

    private static SamovarBuilder Add(IServiceCollection services, HealthStatus? failure = null)
    {
        services.AddHealthChecks().AddSamovar(failureStatus: failure);
        return services.AddSamovar();
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["samovar"];
}
