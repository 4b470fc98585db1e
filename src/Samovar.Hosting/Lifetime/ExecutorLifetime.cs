using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Hosting.Configuration;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting.Lifetime;

/// <summary>Starts and stops the executors and the nodes with the host.</summary>
/// <remarks>
/// <list type="number">
/// <item>Before the other services start: the configuration of all executors and nodes is read, and every error in it fails the start. Then the executors
/// that start eagerly are created, and their workers are started.</item>
/// <item>When the service starts: the nodes are created, and begin to connect. The start does not wait for that.</item>
/// <item>When the host begins to stop: no more executors are created, and those that exist accept no more work. Each completes its tasks, until the reserve
/// of the shutdown timeout begins. Tasks that are incomplete then are cancelled, and killed after the grace period. This does not wait for the other services to
/// stop, because they may wait for such tasks. Only with <see cref="SamovarHostingOptions.AcceptWorkWhileStopping"/> it begins when the service stops.
/// Nodes leave at the same time, but after the executors of clusters in this host, whose tasks may need them.</item>
/// <item>When the service stops: it waits for that.</item>
/// </list>
/// The container disposes the executors afterwards, which has nothing left to wait for.
/// </remarks>
internal sealed class ExecutorLifetime : IHostedLifecycleService
{
    private readonly SamovarExecutors _executors;
    private readonly HostedNodes _hostedNodes;
    private readonly NodeLifetime _nodes;
    private readonly ExecutorRegistrations _registrations;
    private readonly IOptions<HostOptions> _host;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private long? _stoppingSince; // gate
    private Task? _stopped; // gate: null until the executors begin to stop

    public ExecutorLifetime(SamovarExecutors executors, HostedNodes nodes, ExecutorRegistrations registrations, IServiceProvider services, IOptions<HostOptions> host)
    {
        _executors = executors;
        _hostedNodes = nodes;
        _registrations = registrations;
        _host = host;
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Samovar.Hosting");
        _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _nodes = new NodeLifetime(nodes, _logger, _time);
    }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Validate();
        if (_executors.ExecutorSections is { } sections)
        {
            foreach (string path in ExecutorSettings.UnknownSections(sections, _registrations.All))
                _logger.LogWarning("{Section} has no effect: there is no such executor. The registered executors are {Executors}.", path, _registrations.Known());
        }

        if (_hostedNodes.Sections is { } nodeSections)
        {
            foreach (string path in ExecutorSettings.UnknownSections(nodeSections, _registrations.Nodes))
                _logger.LogWarning("{Section} has no effect: there is no such node. The registered nodes are {Nodes}.", path, ExecutorRegistrations.Known(_registrations.Nodes));
        }

        await Task.WhenAll(_executors.Entries.Where(entry => _executors.SettingsOf(entry).StartsEagerly)
            .Select(entry => entry.Registration.StartWorkersAsync(_executors.Get(entry.Registration.Name), cancellationToken))).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _nodes.Start();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate) _stoppingSince ??= _time.GetTimestamp();
        if (!_executors.Options.AcceptWorkWhileStopping) _ = BeginStop(cancellationToken); // StopAsync awaits it
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => BeginStop(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Validate()
    {
        List<OptionsValidationException> errors = [];
        foreach (var entry in _executors.Entries) Try(() => _executors.SettingsOf(entry));
        foreach (var entry in _hostedNodes.Entries) Try(() => _hostedNodes.OptionsOf(entry));

        if (errors.Count > 0) throw new OptionsValidationException(errors[0].OptionsName, errors[0].OptionsType, errors.SelectMany(static error => error.Failures));

        void Try(Action read)
        {
            try
            {
                read();
            }
            catch (OptionsValidationException error)
            {
                errors.Add(error); // thrown below, with the others
            }
        }
    }

    /// <summary>Begins to stop the executors, once. They refuse new work when this returns: a shutdown that drains does, as soon as it begins.</summary>
    private Task BeginStop(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_stopped is { } begun) return begun;
            _stoppingSince ??= _time.GetTimestamp();
            var plan = PlanFrom(_stoppingSince.Value);
            Stop[] stops = [.. _executors.Close().Select(static entry => new Stop(entry, entry.Executor!, entry.Executor!.ShutdownAsync(ShutdownMode.Drain)))];
            return _stopped = Task.Run(() => StopAllAsync(stops, plan, cancellationToken), CancellationToken.None);
        }
    }

    private async Task StopAllAsync(Stop[] stops, StopPlan plan, CancellationToken cancellationToken)
    {
        long since;
        lock (_gate) since = _stoppingSince!.Value;
        var stopping = stops.Select(stop => (stop.Executor, Stopped: StopAsync(stop, plan, cancellationToken))).ToList();
        var clusters = Task.WhenAll(stopping.Where(static stop => stop.Executor is ClusterExecutor).Select(static stop => stop.Stopped));
        await Task.WhenAll(stopping.Select(static stop => stop.Stopped).Append(_nodes.StopAsync(clusters, () => PlanFrom(since), cancellationToken))).ConfigureAwait(false);
    }

    private StopPlan PlanFrom(long since) => StopPlan.For(_host.Value.ShutdownTimeout, _time.GetElapsedTime(since), _executors.Options.KillReserve);

    private async Task StopAsync(Stop stop, StopPlan plan, CancellationToken cancellationToken)
    {
        string name = stop.Entry.Registration.Name;
        var before = stop.Executor.GetStatistics();
        if (!stop.Drained.IsCompleted && before.Running + before.Queued > 0)
            _logger.LogInformation("Executor '{Executor}' stops: it completes {Running} running and {Queued} queued tasks first.", name, before.Running, before.Queued);

        if (await HasDrainedAsync(stop.Drained, plan.DrainTime, cancellationToken).ConfigureAwait(false)) return;

        before = stop.Executor.GetStatistics();
        var grace = plan.GraceFor(_executors.SettingsOf(stop.Entry).Options.CancellationGrace);
        await stop.Executor.ShutdownAsync(ShutdownMode.Kill, grace, CancellationToken.None).ConfigureAwait(false);
        await stop.Drained.ConfigureAwait(false);
        var after = stop.Executor.GetStatistics();
        _logger.LogWarning(
            "Executor '{Executor}' had {Running} running and {Queued} queued tasks when its time to drain had expired. {Killed} of them were cancelled or killed, {Succeeded} succeeded. Raise HostOptions.ShutdownTimeout, which is {Timeout}, if tasks need longer.",
            name, before.Running, before.Queued, after.Canceled + after.Failed - before.Canceled - before.Failed, after.Succeeded - before.Succeeded, _host.Value.ShutdownTimeout);
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
