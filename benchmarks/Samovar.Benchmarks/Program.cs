using System.Globalization;
using Samovar.Benchmarks;
using Samovar.Benchmarks.Contestants;
using Samovar.Benchmarks.SideBySide;

if (BareProgram.Run(args) is { } code) return code;

// A contestant of a row of benchmarks/run: side "P1 Samovar" 0.2
if (args is ["side", var name, var scale]) return await ContestantServer.ServeAsync(name, double.Parse(scale, CultureInfo.InvariantCulture));

// All contestants of the rows, side by side: run --only P1 --quick
if (args is ["run", .. var words]) return await RunCommand.RunAsync(words);

// BenchmarkDotNet: without arguments, runs all benchmarks; otherwise, the arguments are its own options: --filter '*Submit*', --list flat, --help.
string[] chosen = args.Length == 0 ? ["--filter", "*"] : args;
Micro.Run(chosen);
return 0;
