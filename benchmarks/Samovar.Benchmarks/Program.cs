using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

// With no arguments: everything, briefly. With arguments: what BenchmarkDotNet makes of them (--filter, --list, --job …).
if (args.Length == 0)
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).RunAll(DefaultConfig.Instance.AddJob(Job.ShortRun));
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
