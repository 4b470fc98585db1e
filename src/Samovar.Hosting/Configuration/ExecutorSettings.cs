using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting.Configuration;

/// <summary>The options of one executor, and whether it starts with the host. Immutable.</summary>
/// <param name="Options">The options of the executor.</param>
/// <param name="StartsEagerly">Whether it starts with the host.</param>
internal sealed record ExecutorSettings(ExecutorOptions Options, bool StartsEagerly)
{
    /// <summary>The key of <see cref="StartsEagerly"/>, which is no property of the executor's options.</summary>
    public const string StartEagerlyKey = nameof(SamovarHostingOptions.StartEagerly);

    /// <summary>Reads the settings of an executor.</summary>
    /// <param name="registration">The executor.</param>
    /// <param name="services">The container.</param>
    /// <param name="sections">The configuration of all executors; null for none.</param>
    /// <param name="startsEagerly">Whether the executor starts with the host if its section does not have that key.</param>
    /// <exception cref="OptionsValidationException">The configuration is not valid; there is one failure for each key.</exception>
    public static ExecutorSettings Read(ExecutorRegistration registration, IServiceProvider services, IConfigurationSection? sections, bool startsEagerly)
    {
        var section = sections?.GetChildren().FirstOrDefault(child => string.Equals(child.Key, registration.Section, StringComparison.OrdinalIgnoreCase));
        List<string> errors = [];
        var options = registration.ReadOptions(services, section, errors);
        if (section?.GetChildren().FirstOrDefault(static key => OptionsBinder.IsKey(key, StartEagerlyKey)) is { } eager
            && OptionsBinder.TryParse(eager, typeof(bool), errors, out object? value))
        {
            startsEagerly = (bool)value!;
        }

        if (errors.Count > 0) throw new OptionsValidationException(registration.Name, options.GetType(), errors);
        return new ExecutorSettings(options, startsEagerly);
    }

    /// <summary>Returns the paths of the sections that belong to nothing that is registered.</summary>
    public static IEnumerable<string> UnknownSections(IConfigurationSection sections, IReadOnlyList<Registration> registrations) =>
        from section in sections.GetChildren()
        where !registrations.Any(registration => string.Equals(registration.Section, section.Key, StringComparison.OrdinalIgnoreCase))
        select section.Path;
}
