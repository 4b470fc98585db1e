using BenchmarkDotNet.Running;

namespace Samovar.Benchmarks;

/// <summary>Runs BenchmarkDotNet. In a type of its own, so that its assemblies are loaded only when they are used.</summary>
internal static class Micro
{
    public static void Run(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(SideBySideConfig).Assembly).Run(args, new SideBySideConfig());
}
