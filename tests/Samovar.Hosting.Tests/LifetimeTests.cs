using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Samovar.Hosting.Tests;

public sealed class LifetimeTests
{
    [ThreadFact]
    public async Task No_executor_is_created_before_its_first_use()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddProcessExecutor("images").AddThreadExecutor("io"));
        var executors = host.Services.GetRequiredService<SamovarExecutors>();

        await host.StartAsync();
        executors.GetStatistics().ShouldBeEmpty();
        executors.Get("io");
        executors.GetStatistics().Select(static statistics => statistics.Executor).ShouldBe(["io"]);

        await host.StopAsync();
        executors.GetStatistics().Select(static statistics => statistics.Executor).ShouldBe(["io"]);
    }

    [ProcessFact]
    public async Task Eager_executors_have_their_workers_when_the_host_has_started()
    {
        using var host = TestHost.Build(
            static services => services.AddSamovar(static options => options with { StartEagerly = true })
                .AddProcessExecutor("images", static options => options with { Workers = 2, MaxTasksPerWorker = 1 })
                .AddThreadExecutor("io").AddThreadExecutor("lazy"),
            ("Samovar:Executors:lazy:StartEagerly", "false"));

        await host.StartAsync();

        var statistics = host.Services.GetRequiredService<SamovarExecutors>().GetStatistics();
        statistics.Select(static executor => executor.Executor).ShouldBe(["images", "io"]);
        statistics[0].IdleWorkers.ShouldBe(2);
        statistics[0].Submitted.ShouldBe(0);
        await host.StopAsync();
    }

    [ThreadFact]
    public async Task The_configuration_of_an_executor_can_make_it_eager()
    {
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("io"), ("Samovar:Executors:io:StartEagerly", "true"));

        await host.StartAsync();

        host.Services.GetRequiredService<SamovarExecutors>().GetStatistics().Single().LiveWorkers.ShouldBeGreaterThan(0);
        await host.StopAsync();
    }

    [ThreadFact]
    public async Task An_initializer_that_throws_fails_the_start_of_the_host()
    {
        using var host = TestHost.Build(static services => services.AddSamovar(static options => options with { StartEagerly = true })
            .AddThreadExecutor("io", static options => options with { Initializer = static () => throw new InvalidOperationException("no model") }));

        (await Should.ThrowAsync<WorkerInitializationException>(() => host.StartAsync())).Message.ShouldContain("no model");
    }

    [ProcessFact]
    public async Task Workers_that_cannot_start_fail_the_start_of_the_host()
    {
        using var host = TestHost.Build(static services => services.AddSamovar(static options => options with { StartEagerly = true })
            .AddProcessExecutor("images", static options => options with { Workers = 2, WorkingDirectory = "/does/not/exist" }));

        var error = await Should.ThrowAsync<WorkerStartException>(() => host.StartAsync());
        error.Message.ShouldStartWith("'images' cannot start workers: ");
        error.Message.ShouldContain("/does/not/exist");
    }

    [ThreadFact]
    public async Task A_stop_completes_running_and_queued_tasks_and_refuses_new_ones()
    {
        var stopping = new TaskCompletionSource();
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var host = TestHost.Build(out var log, services =>
        {
            services.AddSamovar().AddThreadExecutor("io", static options => options with { Workers = 1 });
            services.AddHostedService(_ => new Observer { Stop = () => stopping.SetResult() });
        });
        await host.StartAsync();
        var executor = host.Services.GetRequiredService<Executor>();
        var running = executor.Submit(() =>
        {
            begun.Set();
            go.Wait();
            return 1;
        });
        var queued = executor.Submit(static () => 2);
        begun.Wait(TestTimeout.Wait).ShouldBeTrue();

        var stop = host.StopAsync();
        await stopping.Task.WaitAsync(TestTimeout.Wait); // this service stops before the executors
        Should.Throw<ObjectDisposedException>(() => executor.Submit(static () => 3));
        stop.IsCompleted.ShouldBeFalse();
        go.Set();
        await stop.WaitAsync(TestTimeout.Wait);

        running.Result.ShouldBe(1);
        queued.Result.ShouldBe(2);
        log.Log.ShouldNotContain(static line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [ThreadFact]
    public async Task Executors_may_accept_work_until_the_services_above_them_have_stopped()
    {
        Executor? executor = null;
        Future<int>? late = null;
        using var host = TestHost.Build(services =>
        {
            services.AddSamovar(static options => options with { AcceptWorkWhileStopping = true }).AddThreadExecutor("io");
            services.AddHostedService(_ => new Observer { Stop = () => late = executor!.Submit(static () => 42) });
        });
        executor = host.Services.GetRequiredService<Executor>();
        await host.StartAsync();

        await host.StopAsync();

        late!.Result.ShouldBe(42);
        Should.Throw<ObjectDisposedException>(() => executor.Submit(static () => 3));
    }

    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tasks_that_exceed_the_time_are_cancelled_and_counted_in_the_log(bool isConcurrent)
    {
        var clock = new ManualTimeProvider();
        var begun = new TaskCompletionSource();
        using var host = TestHost.Build(out var log, services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            services.Configure<HostOptions>(options =>
            {
                options.ShutdownTimeout = TimeSpan.FromHours(1);
                options.ServicesStopConcurrently = isConcurrent;
            });
            services.AddSamovar().AddThreadExecutor("io", static options => options with { Workers = 1 });
        });
        await host.StartAsync();
        var executor = host.Services.GetRequiredService<Executor>();
        var running = executor.Submit(async token =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        });
        var queued = executor.Submit(static () => { });
        await begun.Task.WaitAsync(TestTimeout.Wait);

        var stop = host.StopAsync();
        await clock.WhenArmedAsync(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromHours(1));
        await stop.WaitAsync(TestTimeout.Wait);

        running.State.ShouldBe(FutureState.Canceled);
        queued.State.ShouldBe(FutureState.Canceled);
        log.Log.ShouldContain(static line => line.StartsWith("Information: Executor 'io' stops: it completes 1 running and 1 queued tasks", StringComparison.Ordinal));
        log.Log.ShouldContain(static line => line.StartsWith("Warning: Executor 'io' had 1 running and 1 queued tasks when its time to drain had expired. 2 of them were cancelled or killed, 0 succeeded.", StringComparison.Ordinal));
    }

    [ThreadFact]
    public async Task A_service_that_waits_for_its_tasks_while_it_stops_is_released_when_their_time_is_over()
    {
        var clock = new ManualTimeProvider();
        Future? running = null;
        var begun = new TaskCompletionSource();
        using var host = TestHost.Build(services =>
        {
            services.AddSingleton<TimeProvider>(clock);
            services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromHours(1));
            services.AddSamovar().AddThreadExecutor("io");
            services.AddHostedService(_ => new Observer { Stop = () => running!.Wait() });
        });
        await host.StartAsync();
        running = host.Services.GetRequiredService<Executor>().Submit(async token =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        });
        await begun.Task.WaitAsync(TestTimeout.Wait);

        var stop = Task.Run(() => host.StopAsync());
        await clock.WhenArmedAsync(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(2));

        await stop.WaitAsync(TestTimeout.Wait);
        running.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public async Task A_stop_whose_token_is_cancelled_kills_at_once()
    {
        var begun = new TaskCompletionSource();
        using var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("io"));
        await host.StartAsync();
        var running = host.Services.GetRequiredService<Executor>().Submit(async token =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        });
        await begun.Task.WaitAsync(TestTimeout.Wait);
        using var stop = new CancellationTokenSource();

        var stopping = host.StopAsync(stop.Token);
        await stop.CancelAsync();
        await stopping.WaitAsync(TestTimeout.Wait);

        running.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public async Task No_executor_is_created_while_the_host_stops()
    {
        Exception? error = null;
        IHost? host = null;
        host = TestHost.Build(services =>
        {
            services.AddSamovar(static options => options with { AcceptWorkWhileStopping = false }).AddThreadExecutor("io");
            services.AddHostedService(_ => new Observer { Stop = () => error = Should.Throw<ObjectDisposedException>(() => host!.Services.GetRequiredService<Executor>()) });
        });
        using (host)
        {
            await host.StartAsync();
            await host.StopAsync();
        }

        error.ShouldNotBeNull().Message.ShouldContain("The host is stopping: executor 'io' has not been used before");
    }

    [ThreadFact]
    public async Task A_container_that_is_disposed_without_a_stop_completes_the_tasks()
    {
        Future<int> task;
        using (var host = TestHost.Build(static services => services.AddSamovar().AddThreadExecutor("io")))
        {
            await host.StartAsync();
            task = host.Services.GetRequiredService<Executor>().Submit(static () => 42);
        }

        task.State.ShouldBe(FutureState.Succeeded);
    }

    private sealed class Observer : IHostedService
    {
        public required Action Stop { get; init; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Stop();
            return Task.CompletedTask;
        }
    }
}
