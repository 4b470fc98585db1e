using System.Runtime.InteropServices;

namespace Samovar.Cli;

/// <summary>Finds the <c>dotnet</c> program that runs this tool.</summary>
internal static class DotnetHost
{
    /// <summary>Returns the program's path, or only its name if it is neither next to the runtime nor in DOTNET_HOST_PATH.</summary>
    public static string Find()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string sibling = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(sibling) ? sibling : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? name;
    }
}
