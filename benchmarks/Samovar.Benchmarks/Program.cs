using System.Globalization;
using Samovar.Benchmarks;
using Samovar.Benchmarks.Ipc;
using Samovar.Benchmarks.Loops;
using Samovar.Benchmarks.Processes;
using Samovar.Benchmarks.SideBySide;
using Samovar.Benchmarks.Sides;

if (BareProgram.Run(args) is { } code) return code;

// One side of a row of `samovar bench`: side "P1 Samovar" 0.2
if (args is ["side", var name, var scale]) return await SideServer.ServeAsync(name, double.Parse(scale, CultureInfo.InvariantCulture));

// The rows themselves, side by side, for `samovar bench`: rows --only P1 --quick
if (args is ["rows", .. var chosenRows]) return await RowsVerb.RunAsync(chosenRows);

// And how they grow, for `samovar bench --curves`: curves --only payload
if (args is ["curves", .. var chosenCurves]) return await CurvesVerb.RunAsync(chosenCurves);

// Worker processes have measures of their own: processes, or processes P1 P3.
if (args is ["processes", .. var measures])
{
    await ProcessMeasures.RunAsync(measures);
    return 0;
}

// And so has the event loop: loops, or loops P12 P15, with peers beside them: loops peers.
if (args is ["loops", .. var ofLoops])
{
    await LoopMeasures.RunAsync(ofLoops);
    return 0;
}

// So have locks: locks, or locks peers with Python's beside them.
if (args is ["locks", .. var beside])
{
    await LockMeasures.RunAsync(beside);
    return 0;
}

// Queues too: queues, or queues P6 peers.
if (args is ["queues", .. var queueMeasures])
{
    await QueueMeasures.RunAsync(queueMeasures);
    return 0;
}

// Without arguments everything is run; otherwise BenchmarkDotNet's own options hold: --filter '*Submit*', --list flat, --help.
string[] chosen = args.Length == 0 ? ["--filter", "*"] : args;
Micro.Run(chosen);
return 0;
