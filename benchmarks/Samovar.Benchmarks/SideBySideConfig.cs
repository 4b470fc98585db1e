using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Samovar.Benchmarks;

/// <summary>Compares alternatives in one table: the same work in one run, with medians, allocations and the ratio to the baseline.</summary>
internal sealed class SideBySideConfig : ManualConfig
{
    public SideBySideConfig()
    {
        // In this process: the ratio is what counts, and the alternatives then share the heap, the thread pool and the machine's state.
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(3)
            .WithIterationCount(9));
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(StatisticColumn.Median, StatisticColumn.OperationsPerSecond);
        HideColumns("Job", "Toolchain", "IterationCount", "WarmupCount", "InvocationCount", "UnrollFactor");
        AddDiagnoser(MemoryDiagnoser.Default);
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
    }
}
