using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Samovar.Hosting.Configuration;

/// <summary>Sets the properties of options to the values of a configuration section, and reports every key that it cannot use. The configuration
/// binder of .NET skips unknown keys, and its errors lack the key's path or the value.</summary>
internal static class OptionsBinder
{
    /// <summary>Sets properties of new options, which no other thread has seen.</summary>
    /// <param name="options">The options.</param>
    /// <param name="section">The section.</param>
    /// <param name="keys">Which options the section may have.</param>
    /// <param name="errors">Receives an error for each key that is unknown or has an invalid value.</param>
    public static void Bind<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(
        T options, IConfigurationSection section, OptionKeys keys, ICollection<string> errors)
        where T : class
    {
        PropertyInfo[] properties = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        PropertyInfo[] bindable = [.. properties.Where(property => property.CanWrite && !keys.Excluded.Contains(property.Name) && SettingParser.CanParse(property.PropertyType))];
        if (section.Value is { Length: > 0 } text) errors.Add($"{section.Path} is '{text}': a section with the options of the {keys.Owner} is expected, such as {section.Path}:Workers.");

        foreach (var key in section.GetChildren().Where(key => !keys.Others.Any(other => IsKey(key, other))))
        {
            if (Array.Find(bindable, property => IsKey(key, property.Name)) is { } property) Set(options, property, key, errors);
            else errors.Add(IsUnknown(key, properties, bindable, keys));
        }
    }

    public static bool IsKey(IConfigurationSection key, string name) => string.Equals(key.Key, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Parses the value of a key, or adds an error that names both.</summary>
    public static bool TryParse(IConfigurationSection key, Type type, ICollection<string> errors, out object? value)
    {
        try
        {
            value = SettingParser.Parse(type, key);
            return true;
        }
        catch (FormatException error)
        {
            // The message is in the list of errors.
            value = null;
            errors.Add(error.Message);
            return false;
        }
    }

    private static void Set(object options, PropertyInfo property, IConfigurationSection key, ICollection<string> errors)
    {
        if (!TryParse(key, property.PropertyType, errors, out object? value)) return;
        try
        {
            property.SetValue(options, value, BindingFlags.DoNotWrapExceptions, binder: null, index: null, culture: null);
        }
        catch (ArgumentException error)
        {
            // The property refuses the value. Its reason is in the list of errors, without the name of a parameter that the configuration does not have.
            string reason = error.Message.Split('\n')[0].Trim();
            int parameter = reason.IndexOf(" (Parameter '", StringComparison.Ordinal);
            errors.Add($"{key.Path} is {SettingParser.Text(key)}: {(parameter < 0 ? reason : reason[..parameter])}");
        }
    }

    private static string IsUnknown(IConfigurationSection key, PropertyInfo[] properties, PropertyInfo[] bindable, OptionKeys keys)
    {
        string reason = Array.Exists(properties, property => IsKey(key, property.Name)) ? "is set by code only" : $"is no option of this {keys.Owner}";
        var known = bindable.Select(static property => property.Name).Concat(keys.Others).Order(StringComparer.Ordinal);
        return $"{key.Path} {reason}. The known keys are {string.Join(", ", known)}.";
    }
}
