using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting;

/// <summary>Adds executors to the services of a host: see <see cref="SamovarServices.AddSamovar"/>.</summary>
/// <remarks>
/// <para>Each executor is a keyed singleton under its own type and under <see cref="Executor"/>; the key is its name. The first executor of a type,
/// or the one whose name is empty, is also the service without a key.</para>
/// <para>Options come from, in this order, each overriding the one before: the defaults, with the logger factory, the <see cref="TimeProvider"/>
/// and the meter factory of the container; the delegate; the section <c>Samovar:Executors:NAME</c> of the configuration, or
/// <c>Samovar:Executors:Default</c> for the executor whose name is empty. They are read once, before the executor is created: later changes of the
/// configuration have no effect.</para>
/// <para>Not thread-safe, as the services of a host are not.</para>
/// </remarks>
public sealed class SamovarBuilder
{
    private readonly ExecutorRegistrations _registrations;

    internal SamovarBuilder(IServiceCollection services, ExecutorRegistrations registrations)
    {
        Services = services;
        _registrations = registrations;
    }

    /// <summary>Gets the services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds an executor on worker processes.</summary>
    /// <param name="name">The name: the key of the service, the section of the configuration, and the executor's own name. May be empty, for the
    /// executor without a key; must not contain ":".</param>
    /// <param name="configure">Returns the changed options (<c>options => options with { Workers = 4 }</c>); null for the options as they
    /// are.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public SamovarBuilder AddProcessExecutor(string name, Func<ProcessExecutorOptions, ProcessExecutorOptions>? configure = null) =>
        Add<ProcessExecutor>(new ProcessExecutorRegistration(name, (_, options) => configure is null ? options : configure(options)));

    /// <summary>Adds an executor on worker processes, with options that depend on services.</summary>
    /// <param name="name">The name, as in the other overload.</param>
    /// <param name="configure">Returns the changed options.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public SamovarBuilder AddProcessExecutor(string name, Func<IServiceProvider, ProcessExecutorOptions, ProcessExecutorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add<ProcessExecutor>(new ProcessExecutorRegistration(name, configure));
    }

    /// <summary>Adds an executor on threads.</summary>
    /// <param name="name">The name: the key of the service, the section of the configuration, and the executor's own name. May be empty, for the
    /// executor without a key; must not contain ":".</param>
    /// <param name="configure">Returns the changed options (<c>options => options with { Workers = 4 }</c>); null for the options as they
    /// are.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public SamovarBuilder AddThreadExecutor(string name, Func<ThreadExecutorOptions, ThreadExecutorOptions>? configure = null) =>
        Add<ThreadExecutor>(new ThreadExecutorRegistration(name, (_, options) => configure is null ? options : configure(options)));

    /// <summary>Adds an executor on threads, with options that depend on services.</summary>
    /// <param name="name">The name, as in the other overload.</param>
    /// <param name="configure">Returns the changed options.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public SamovarBuilder AddThreadExecutor(string name, Func<IServiceProvider, ThreadExecutorOptions, ThreadExecutorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add<ThreadExecutor>(new ThreadExecutorRegistration(name, configure));
    }

    private SamovarBuilder Add<T>(ExecutorRegistration registration)
        where T : Executor
    {
        _registrations.Add(registration);
        string name = registration.Name;

        // The container disposes what a factory returns, for each service that returns it; a second disposal of an executor has no effect.
        Services.AddKeyedSingleton<T>(name, (provider, _) => (T)provider.GetRequiredService<SamovarExecutors>().Create(name));
        Services.AddKeyedSingleton<Executor>(name, static (provider, key) => provider.GetRequiredKeyedService<T>(key));
        Services.TryAddSingleton<T>(static provider => (T)provider.GetRequiredService<SamovarExecutors>().Plain(typeof(T)));
        Services.TryAddSingleton<Executor>(static provider => provider.GetRequiredService<SamovarExecutors>().Plain(typeof(Executor)));
        return this;
    }
}
