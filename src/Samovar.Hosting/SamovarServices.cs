using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Samovar.Hosting.Lifetime;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting;

/// <summary>Adds executors, and nodes of clusters, to the services of a host.</summary>
public static class SamovarServices
{
    /// <summary>Adds <see cref="SamovarExecutors"/> and the service that starts and stops executors with the host. Executors are then added to
    /// the returned builder. May be called several times; all calls add to the same executors. Call it before you add the hosted services that
    /// use executors: a host stops its services in reverse order, so the executors stop last.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Returns the changed options; null for the options as they are.</param>
    /// <returns>A builder that adds executors.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static SamovarBuilder AddSamovar(
        this IServiceCollection services, Func<SamovarHostingOptions, SamovarHostingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var registrations = RegistrationsIn(services);
        if (configure is not null) registrations.Options = configure(registrations.Options);
        return new SamovarBuilder(services, registrations);
    }

    private static ExecutorRegistrations RegistrationsIn(IServiceCollection services)
    {
        var known = services.FirstOrDefault(static service => service.ServiceType == typeof(ExecutorRegistrations));
        if (known?.ImplementationInstance is ExecutorRegistrations existing) return existing;

        var registrations = new ExecutorRegistrations();
        services.AddSingleton(registrations);
        services.AddSingleton(provider => new SamovarExecutors(provider, registrations));
        services.AddSingleton(provider => new HostedNodes(provider, registrations));
        services.AddHostedService<ExecutorLifetime>();

        // Without these, the container reports an unknown key without the names that it knows.
        Refuse<Executor>(services);
        Refuse<ProcessExecutor>(services);
        Refuse<ThreadExecutor>(services);
        Refuse<ClusterExecutor>(services);
        return registrations;
    }

    private static void Refuse<T>(IServiceCollection services)
        where T : Executor =>
        services.TryAddKeyedSingleton<T>(
            KeyedService.AnyKey, static (provider, key) => throw provider.GetRequiredService<ExecutorRegistrations>().Unknown(typeof(T), key));
}
