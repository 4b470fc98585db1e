using Samovar;

/// <summary>Starts a job each second until the host stops, then waits for the running ones. Replace the timer with your queue.</summary>
internal sealed class JobService(
    [FromKeyedServices("jobs")] ProcessExecutor jobs,
    IHostApplicationLifetime lifetime,
    ILogger<JobService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            for (int number = 1; ; number++)
            {
                running.RemoveAll(job => job.IsCompleted);
                running.Add(RunAsync(number));
                await timer.WaitForNextTickAsync(lifetime.ApplicationStopping); // earlier than stoppingToken: the pool then accepts no jobs
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            logger.LogInformation("Stopping, {Count} jobs run", running.Count(job => !job.IsCompleted));
        }

        await Task.WhenAll(running);
    }

    private async Task RunAsync(int number)
    {
        try
        {
            var job = jobs.Submit(() => Job.Run(number));
            logger.LogInformation("Job {Number} started", number);
            logger.LogInformation("Job {Number} completed: {Result}", number, await job);
        }
        catch (Exception e)
        {
            logger.LogError(e, "Job {Number} failed", number);
        }
    }
}
