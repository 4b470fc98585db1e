using System.Runtime.CompilerServices;

namespace Samovar.Tests.Testing;

/// <summary>Whether this process runs tests. A child process may load the tests' assembly too, to run a method of it.</summary>
internal static class TestProcess
{
    public static bool IsThis { get; } = IsTests(AppDomain.CurrentDomain.FriendlyName)
        && Environment.GetCommandLineArgs() is [var program, ..] && IsTests(Path.GetFileNameWithoutExtension(program));

    // Elsewhere xunit may be missing. So its types are named in a method that does not run there, and is compiled only where it does.
    [ModuleInitializer]
    internal static void Prepare()
    {
        if (IsThis) InstallRunner();
    }

    private static bool IsTests(string program) => program.EndsWith(".Tests", StringComparison.Ordinal) || program.EndsWith(".Checks", StringComparison.Ordinal);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void InstallRunner() => ReportingTestRunner.Install();
}
