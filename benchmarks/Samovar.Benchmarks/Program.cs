using BenchmarkDotNet.Running;
using Samovar.Benchmarks;
using Samovar.Benchmarks.Loops;
using Samovar.Benchmarks.Processes;

// Worker processes have measures of their own: processes, or processes P1 P3.
if (args is ["processes", .. var measures])
{
    await ProcessMeasures.RunAsync(measures);
    return;
}

// And so has the event loop: loops, or loops P12 P15, with peers beside them: loops peers.
if (args is ["loops", .. var ofLoops])
{
    await LoopMeasures.RunAsync(ofLoops);
    return;
}

// Without arguments everything is run; otherwise BenchmarkDotNet's own options hold: --filter '*Submit*', --list flat, --help.
string[] chosen = args.Length == 0 ? ["--filter", "*"] : args;
BenchmarkSwitcher.FromAssembly(typeof(SideBySideConfig).Assembly).Run(chosen, new SideBySideConfig());
