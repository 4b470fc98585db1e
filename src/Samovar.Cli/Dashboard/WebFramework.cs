using System.Runtime.Loader;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Dashboard;

/// <summary>Loads ASP.NET Core from the folder of the shared framework. The tool's own runtime configuration does not have it: reading its list of
/// assemblies would delay the start of every command, and a machine without it could run none.</summary>
internal static class WebFramework
{
    private const string Name = "Microsoft.AspNetCore.App";

    private static int s_isAvailable;

    /// <summary>Makes the assemblies of ASP.NET Core available to this process.</summary>
    /// <exception cref="UsageException">It is not installed.</exception>
    public static void Load()
    {
        int version = Environment.Version.Major;
        string folder = SharedFrameworks.FolderOf(Name, version) ?? throw new UsageException(
            $"dashboard needs the ASP.NET Core runtime {version}, which is not installed next to the .NET runtime. It is part of the .NET SDK; see https://dot.net.",
            ExitCode.Unfit);
        if (Interlocked.Exchange(ref s_isAvailable, 1) != 0) return;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
        {
            string path = Path.Combine(folder, $"{name.Name}.dll");
            return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
        };
    }
}
