using System.Runtime.CompilerServices;

namespace Samovar.Tests.Testing;

/// <summary>Whether this process runs tests. A child process may load the tests' assembly too, to run a method of it.</summary>
internal static class TestProcess
{
    public static bool IsThis { get; } = AppDomain.CurrentDomain.FriendlyName.EndsWith(".Tests", StringComparison.Ordinal)
        && Environment.GetCommandLineArgs() is [var program, ..] && Path.GetFileNameWithoutExtension(program).EndsWith(".Tests", StringComparison.Ordinal);

    // Elsewhere xunit may be missing. So its types are named in a method that does not run there, and is compiled only where it does.
    [ModuleInitializer]
    internal static void Prepare()
    {
        if (IsThis) InstallRunner();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void InstallRunner() => ReportingTestRunner.Install();
}
