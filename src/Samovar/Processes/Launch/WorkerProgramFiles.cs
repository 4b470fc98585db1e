using System.Runtime.InteropServices;

namespace Samovar.Processes.Launch;

/// <summary>A program in a folder, from which workers are started in place of the program of this process. It has the same build of Samovar.</summary>
/// <param name="Folder">The full path of the folder.</param>
/// <param name="Configuration">The full path of the runtime configuration.</param>
/// <param name="Dependencies">The full path of the file that lists the dependencies; null for none: then the worker finds the assemblies of the folder.</param>
internal sealed record WorkerProgramFiles(string Folder, string Configuration, string? Dependencies)
{
    /// <summary>The path of Samovar.dll.</summary>
    public string Library => Path.Combine(Folder, "Samovar.dll");

    /// <summary>The folder as a base directory, which ends in a separator.</summary>
    public string BaseDirectory => Folder + Path.DirectorySeparatorChar;

    /// <summary>The assemblies in the folder.</summary>
    public string[] Assemblies => Directory.GetFiles(Folder, "*.dll");

    /// <summary>The directories that may have native libraries.</summary>
    public string[] NativeDirectories => [BaseDirectory, Path.Combine(Folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native") + Path.DirectorySeparatorChar];
}
