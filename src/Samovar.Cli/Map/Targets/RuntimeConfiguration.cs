using System.Text.Json;

namespace Samovar.Cli.Map.Targets;

/// <summary>Reads the <c>runtimeconfig.json</c> beside an assembly.</summary>
internal static class RuntimeConfiguration
{
    /// <summary>The path of one without any settings, for what has none of its own, such as a class library.</summary>
    public static string OfLibraries { get; } = Path.Combine(Path.GetDirectoryName(typeof(RuntimeConfiguration).Assembly.Location)!, "library.runtimeconfig.json");

    /// <summary>Its path; null where there is none, where it is of an earlier .NET than this one (its workers could not load
    /// Samovar), or of a self-contained program (which brings a runtime of its own).</summary>
    public static string? Find(string assemblyPath)
    {
        string path = Path.ChangeExtension(assemblyPath, ".runtimeconfig.json");
        if (!File.Exists(path)) return null;
        (string Name, Version Version)[] frameworks = [.. Frameworks(path)];
        return frameworks.Length > 0 && frameworks.All(f => f.Version.Major >= Environment.Version.Major) ? path : null;
    }

    /// <summary>The shared frameworks it asks for.</summary>
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
