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

        foreach ((string name, Version wanted) in RuntimeConfiguration.Frameworks(configuration))
        {
            if (name == Base || FolderOf(name, wanted.Major) is not { } folder) continue;
            string path = Path.Combine(folder, assembly + ".dll");
            if (File.Exists(path)) return path;
        }

        return null;
    }

    /// <summary>Returns the folder of the newest version of a framework; null if none is installed next to the runtime of this process.</summary>
    public static string? FolderOf(string framework, int major)
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/
        string folder = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", framework));
        if (!Directory.Exists(folder)) return null;
        return Directory.EnumerateDirectories(folder)
            .Where(d => Version.TryParse(Path.GetFileName(d), out Version? version) && version.Major == major)
            .MaxBy(d => Version.Parse(Path.GetFileName(d)));
    }
}
