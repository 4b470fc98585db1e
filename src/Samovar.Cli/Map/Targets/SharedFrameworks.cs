using System.Runtime.InteropServices;

namespace Samovar.Cli.Map.Targets;

/// <summary>Finds assemblies of shared frameworks that a target uses and this process does not, such as ASP.NET Core.</summary>
internal static class SharedFrameworks
{
    private const string Base = "Microsoft.NETCore.App";

    /// <summary>Returns the path of an assembly in the frameworks of the target's runtime configuration; null if none contains it.</summary>
    public static string? Find(string targetPath, string assembly)
    {
        string configuration = Path.ChangeExtension(targetPath, ".runtimeconfig.json");
        if (!File.Exists(configuration)) return null;

        // <root>/shared/Microsoft.NETCore.App/<version>/
        string shared = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", ".."));
        foreach ((string name, Version wanted) in RuntimeConfiguration.Frameworks(configuration))
        {
            string folder = Path.Combine(shared, name);
            if (name == Base || !Directory.Exists(folder)) continue;
            string? newest = Directory.EnumerateDirectories(folder)
                .Where(d => Version.TryParse(Path.GetFileName(d), out Version? version) && version.Major == wanted.Major)
                .MaxBy(d => Version.Parse(Path.GetFileName(d)));
            string path = Path.Combine(newest ?? folder, assembly + ".dll");
            if (File.Exists(path)) return path;
        }

        return null;
    }
}
