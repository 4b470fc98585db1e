using BenchmarkDotNet.Running;

namespace Samovar.Benchmarks;

/// <summary>BenchmarkDotNet, apart from the rest so that nothing of it is loaded where it is not used.</summary>
internal static class Micro
{
    public static void Run(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(SideBySideConfig).Assembly).Run(args, new SideBySideConfig());
}
