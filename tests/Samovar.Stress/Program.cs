using Samovar.Stress;
using Samovar.Stress.Cluster;
using Samovar.Stress.Ipc;
using Samovar.Stress.Locks;
using Samovar.Stress.Processes;
using Samovar.Stress.Races;
using Samovar.Stress.Shipping;
using Samovar.Stress.Speed;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// One command a kind of stress; each prints what it did and gives 0 only if all held.
var commands = new Dictionary<string, Command>(StringComparer.Ordinal)
{
    ["across"] = new("hash tables shipped to another process find their keys there", "", AcrossCommand.RunAsync),
    ["kills"] = new("workers killed at random lose no task but those they ran, and leak nothing", "--count N (1000) --workers N (4) --seed N (1)", KillsCommand.RunAsync),
    ["soak"] = new("the same for a time", "--minutes N (60) --workers N (4) --seed N (1)", KillsCommand.SoakAsync),
    ["queues"] = new("producers and consumers of queues killed at random lose no item but those in their hands", "--count N (200) --seed N (1)", QueueKillsCommand.RunAsync),
    ["hostile"] = new("workers that write noise and forgeries into their channels cost themselves only", "--count N (1000) --seed N (1)", HostileCommand.RunAsync),
    ["many"] = new("so many workers start, work at once and end", "--workers N (200)", SizeCommands.ManyAsync),
    ["locks"] = new("holders and waiters of locks killed at random do not block the others, and never admit two at once", "--minutes N (2) --processes N (4) --seed N (1)", LocksCommand.RunAsync),
    ["races"] = new("an operation that was cancelled did not happen, and one that succeeded did, when both come at once", "--count N (5000) --shutdowns N (50) --seed N (1)", RacesCommand.RunAsync),
    ["ring"] = new("messages from one thread to another arrive whole and in order", "--count N (200000) --seed N (11)", RingCommand.RunAsync),
    ["flat"] = new("so many tiny tasks leave this process's memory as it was", "--count N (10000000)", SizeCommands.FlatAsync),
    ["ratios"] = new("no row of the benchmarks lost more than so many percent against each of its peers since the kept results", "--percent N (75) --rounds N (3)", RatiosCommand.RunAsync),
    ["cluster"] = new("clusters lose no task when nodes, owners and brokers are killed, stopped and cut off", ClusterCommand.Usage, ClusterCommand.RunAsync),
    ["fuzz"] = new("altered messages give a typed error or a value", "--count N (1000000) --seed N (1)", FuzzCommand.Run),
};

if (args.Length == 0 || !commands.TryGetValue(args[0], out var command))
{
    Console.Error.WriteLine("usage: Samovar.Stress COMMAND [--name value]...");
    foreach (var (name, known) in commands) Console.Error.WriteLine($"  {name,-10} {known.Summary}; {known.Usage}");
    return 2;
}

return await command.RunAsync(new CommandArguments(args[1..]));
