using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Platform;

/// <summary>Verifies that the program was neither compiled ahead of time nor fully trimmed: serialization uses reflection, and worker processes
/// load the program's assemblies.</summary>
internal static class WholeProgram
{
    private static readonly string? s_obstacle = Obstacle(RuntimeFeature.IsDynamicCodeSupported, HasUnreferenced());

    /// <summary>Throws if values cannot be serialized in this program.</summary>
    /// <exception cref="PlatformNotSupportedException">The program is set up for ahead-of-time compilation, or was
    /// trimmed without the build targets of the package.</exception>
    public static void Require()
    {
        if (s_obstacle is not null) throw new PlatformNotSupportedException(s_obstacle);
    }

    /// <summary>Returns the reason why values cannot be serialized; null if they can.</summary>
    /// <param name="isCompiledAtRunTime">Whether the runtime can load assemblies and compile code. If the project sets <c>PublishAot</c>,
    /// <c>dotnet run</c> disables this too.</param>
    /// <param name="isWhole">Whether the program contains code that nothing references.</param>
    internal static string? Obstacle(bool isCompiledAtRunTime, bool isWhole)
    {
        const string Parts = "Worker processes, and queues and pipes of anything but numbers, strings and byte arrays, are not available";
        const string Rest = "ThreadExecutor, InlineExecutor, EventLoop, locks between processes and shared memory are not affected.";
        return !isCompiledAtRunTime
            ? $"{Parts}: this program is set up for ahead-of-time compilation (PublishAot), so a worker process has no runtime that could load its code. "
                + $"Set PublishAot to false (in a C# file: #:property PublishAot=false). {Rest}"
            : !isWhole
            ? $"{Parts}: this program was trimmed (PublishTrimmed), which removed code of Samovar that is only reached by reflection. The build targets of "
                + "the package Samovar keep that code; if they are not part of the build, add to the project: <TrimmerRootAssembly Include=\"Samovar\" /> and "
                + $"the same for the program's own assembly. {Rest}"
            : null;
    }

    // The trimmer does not know whose method this looks for, because a method returns the type. A look-up of a type by its name would do too, but the
    // parser of type names is compiled at run time, which takes some milliseconds of each worker's start.
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "The method tests whether the member was removed.")]
    private static bool HasUnreferenced() => Witness().GetMethod(nameof(Unreferenced), BindingFlags.Static | BindingFlags.NonPublic) is not null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Type Witness() => typeof(WholeProgram);

    // Nothing references it, so that it exists only in a program that was not fully trimmed.
    private static void Unreferenced()
    {
    }
}
