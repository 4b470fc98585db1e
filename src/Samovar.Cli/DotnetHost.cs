using System.Runtime.InteropServices;

namespace Samovar.Cli;

/// <summary>The program <c>dotnet</c> that runs this tool.</summary>
internal static class DotnetHost
{
    /// <summary>Its path; only its name where it is neither next to the runtime nor in DOTNET_HOST_PATH.</summary>
    public static string Find()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? name;
    }
}
