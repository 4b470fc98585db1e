using BenchmarkDotNet.Running;
using Samovar.Benchmarks;
using Samovar.Benchmarks.Ipc;
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

// So have locks: locks, or locks peers with Python's beside them.
if (args is ["locks", .. var beside])
{
    await LockMeasures.RunAsync(beside);
    return;
}

// Queues too: queues, or queues P6 peers.
if (args is ["queues", .. var queueMeasures])
{
    await QueueMeasures.RunAsync(queueMeasures);
    return;
}

// Without arguments everything is run; otherwise BenchmarkDotNet's own options hold: --filter '*Submit*', --list flat, --help.
string[] chosen = args.Length == 0 ? ["--filter", "*"] : args;
BenchmarkSwitcher.FromAssembly(typeof(SideBySideConfig).Assembly).Run(chosen, new SideBySideConfig());
