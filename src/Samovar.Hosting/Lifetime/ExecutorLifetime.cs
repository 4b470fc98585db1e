using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Hosting.Configuration;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting.Lifetime;

/// <summary>Starts and stops the executors with the host.</summary>
/// <remarks>
/// <list type="number">
/// <item>Before the other services start: the configuration of all executors is read, and every error in it fails the start. Then the executors that
/// start eagerly are created, and their workers are started.</item>
/// <item>When the host begins to stop: no more executors are created, and those that exist accept no more work. Each completes its tasks, until the reserve
/// of the shutdown timeout begins. Tasks that are incomplete then are cancelled, and killed after the grace period. This does not wait for the other services to
/// stop, because they may wait for such tasks. Only with <see cref="SamovarHostingOptions.AcceptWorkWhileStopping"/> it begins when the service stops.</item>
/// <item>When the service stops: it waits for that.</item>
/// </list>
/// The container disposes the executors afterwards, which has nothing left to wait for.
/// </remarks>
internal sealed class ExecutorLifetime(SamovarExecutors executors, ExecutorRegistrations registrations, IServiceProvider services, IOptions<HostOptions> host)
    : IHostedLifecycleService
{
    private readonly ILogger _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Samovar.Hosting");
    private readonly TimeProvider _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private long? _stoppingSince; // gate
    private Task? _stopped; // gate: null until the executors begin to stop

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Validate();
        if (executors.ExecutorSections is { } sections)
        {
            foreach (string path in ExecutorSettings.UnknownSections(sections, registrations.All))
                _logger.LogWarning("{Section} has no effect: there is no such executor. The registered executors are {Executors}.", path, registrations.Known());
        }

        await Task.WhenAll(executors.Entries.Where(entry => executors.SettingsOf(entry).StartsEagerly)
            .Select(entry => entry.Registration.StartWorkersAsync(executors.Get(entry.Registration.Name), cancellationToken))).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate) _stoppingSince ??= _time.GetTimestamp();
        if (!executors.Options.AcceptWorkWhileStopping) _ = BeginStop(cancellationToken); // StopAsync awaits it
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => BeginStop(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Validate()
    {
        List<OptionsValidationException> errors = [];
        foreach (var entry in executors.Entries)
        {
            try
            {
                executors.SettingsOf(entry);
            }
            catch (OptionsValidationException error)
            {
                errors.Add(error); // thrown below, with those of the other executors
            }
        }

        if (errors.Count > 0) throw new OptionsValidationException(errors[0].OptionsName, errors[0].OptionsType, errors.SelectMany(static error => error.Failures));
    }

    /// <summary>Begins to stop the executors, once. They refuse new work when this returns: a shutdown that drains does, as soon as it begins.</summary>
    private Task BeginStop(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_stopped is { } begun) return begun;
            var elapsed = _time.GetElapsedTime(_stoppingSince ??= _time.GetTimestamp());
            var plan = StopPlan.For(host.Value.ShutdownTimeout, elapsed, executors.Options.KillReserve);
            Stop[] stops = [.. executors.Close().Select(static entry => new Stop(entry, entry.Executor!, entry.Executor!.ShutdownAsync(ShutdownMode.Drain)))];
            return _stopped = Task.Run(() => Task.WhenAll(stops.Select(stop => StopAsync(stop, plan, cancellationToken))), CancellationToken.None);
        }
    }

    private async Task StopAsync(Stop stop, StopPlan plan, CancellationToken cancellationToken)
    {
        string name = stop.Entry.Registration.Name;
        var before = stop.Executor.GetStatistics();
        if (!stop.Drained.IsCompleted && before.Running + before.Queued > 0)
            _logger.LogInformation("Executor '{Executor}' stops: it completes {Running} running and {Queued} queued tasks first.", name, before.Running, before.Queued);

        if (await HasDrainedAsync(stop.Drained, plan.DrainTime, cancellationToken).ConfigureAwait(false)) return;

        before = stop.Executor.GetStatistics();
        var grace = plan.GraceFor(executors.SettingsOf(stop.Entry).Options.CancellationGrace);
        await stop.Executor.ShutdownAsync(ShutdownMode.Kill, grace, CancellationToken.None).ConfigureAwait(false);
        await stop.Drained.ConfigureAwait(false);
        var after = stop.Executor.GetStatistics();
        _logger.LogWarning(
            "Executor '{Executor}' had {Running} running and {Queued} queued tasks when its time to drain had expired. {Killed} of them were cancelled or killed, {Succeeded} succeeded. Raise HostOptions.ShutdownTimeout, which is {Timeout}, if tasks need longer.",
            name, before.Running, before.Queued, after.Canceled + after.Failed - before.Canceled - before.Failed, after.Succeeded - before.Succeeded, host.Value.ShutdownTimeout);
    }

    private async Task<bool> HasDrainedAsync(Task drained, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await drained.WaitAsync(limit, _time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !drained.IsFaulted)
        {
            return drained.IsCompleted; // otherwise the caller kills what is left
        }
    }

    /// <summary>An executor that accepts no more work.</summary>
    private sealed record Stop(ExecutorEntry Entry, Executor Executor, Task Drained);
}
