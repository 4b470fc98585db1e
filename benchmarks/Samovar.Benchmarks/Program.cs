using BenchmarkDotNet.Running;
using Samovar.Benchmarks;

// Without arguments everything is run; otherwise BenchmarkDotNet's own options hold: --filter '*Submit*', --list flat, --help.
string[] chosen = args.Length == 0 ? ["--filter", "*"] : args;
BenchmarkSwitcher.FromAssembly(typeof(SideBySideConfig).Assembly).Run(chosen, new SideBySideConfig());
