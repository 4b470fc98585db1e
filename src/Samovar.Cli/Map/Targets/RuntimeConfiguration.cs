using System.Text.Json;

namespace Samovar.Cli.Map.Targets;

/// <summary>Reads the <c>runtimeconfig.json</c> next to an assembly.</summary>
internal static class RuntimeConfiguration
{
    /// <summary>Gets the path of a configuration without settings, for assemblies that have none, such as class libraries.</summary>
    public static string OfLibraries { get; } = Path.Combine(Path.GetDirectoryName(typeof(RuntimeConfiguration).Assembly.Location)!, "library.runtimeconfig.json");

    /// <summary>Returns the path of the configuration; null if it does not exist, if it is for an earlier version of .NET (whose workers could not
    /// load Samovar), or if it is that of a self-contained program (which has its own copy of the runtime).</summary>
    public static string? Find(string assemblyPath)
    {
        string path = Path.ChangeExtension(assemblyPath, ".runtimeconfig.json");
        if (!File.Exists(path)) return null;
        (string Name, Version Version)[] frameworks = [.. Frameworks(path)];
        return frameworks.Length > 0 && frameworks.All(f => f.Version.Major >= Environment.Version.Major) ? path : null;
    }

    /// <summary>Returns the shared frameworks that a configuration requires.</summary>
    public static IReadOnlyList<(string Name, Version Version)> Frameworks(string path)
    {
        var found = new List<(string, Version)>();
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        if (!json.RootElement.TryGetProperty("runtimeOptions", out JsonElement options)) return found;
        if (options.TryGetProperty("framework", out JsonElement one)) Add(one);
        if (options.TryGetProperty("frameworks", out JsonElement several))
        {
            foreach (JsonElement framework in several.EnumerateArray()) Add(framework);
        }

        return found;

        void Add(JsonElement framework)
        {
            string version = framework.GetProperty("version").GetString() ?? "";
            int suffix = version.IndexOf('-', StringComparison.Ordinal);
            if (Version.TryParse(suffix < 0 ? version : version[..suffix], out Version? parsed))
                found.Add((framework.GetProperty("name").GetString() ?? "", parsed));
        }
    }
}
