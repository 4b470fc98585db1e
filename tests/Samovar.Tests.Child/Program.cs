using System.Globalization;
using Samovar;
using Samovar.Tests.Child;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// A real program for the tests to start, watch and kill. It has no secrets: one command, then arguments.
ProcessWorker.RunIfWorker(args);
switch (args)
{
    case ["start-worker"]:
        return ParentCommands.StartWorker();
    case ["start-worker-without-descriptors"]:
        return ParentCommands.StartWorkerWithoutDescriptors();
    case ["without-dynamic-code"]:
        return await AheadOfTimeCommands.RunAsync();
    case ["parent", var workers]:
        return ParentCommands.HoldWorkers(int.Parse(workers, CultureInfo.InvariantCulture));
    case ["hold-pool", var stops]:
        return PoolCommands.Hold(bool.Parse(stops));
    case ["kitchen"]:
        return KitchenCommands.HoldKitchen();
    case ["await-interrupt", var handles]:
        return PoolCommands.AwaitInterrupt(bool.Parse(handles));
    case ["end-with-work", var how]:
        return EndCommands.Run(how);
    case ["await-signal", var handler, var name]:
        return EndCommands.AwaitSignal(handler, name);
    case ["await-signal-after-shortage"]:
        return EndCommands.AwaitSignalAfterShortage();
    case ["first-use-in-shortage"]:
        return ShortageCommands.UseFirst();
    case ["kill-in-shortage"]:
        return ShortageCommands.KillTree();
    case ["short-of", ..]:
        return ShortageCommands.Run(args[1..]);
    case ["children", var daemon]:
        return ParentCommands.StartChildAndReturn(bool.Parse(daemon));
    case ["stuck-receiver"]:
        return ParentCommands.ReturnWithAStuckReceiver();
    case ["type-bomb"]:
        return BombCommands.Type();
    case ["type-bomb-at-its-end"]:
        return BombCommands.TypeAtItsEnd();
    case ["exit", var code]:
        return int.Parse(code, CultureInfo.InvariantCulture);
    case ["flood", var bytes]:
        return OutputCommands.Flood(long.Parse(bytes, CultureInfo.InvariantCulture));
    case ["read-input"]:
        return Console.In.Read() == -1 ? 0 : 1;
    case ["loop-failure"]:
        return LoopCommands.Fail();
    case ["loop-interrupt", .. var how]:
        return LoopCommands.Interrupt(how is ["stubborn"]);
    case ["measure", ..]:
        return MeasureCommands.Run(args[1..]);
    default:
        Console.Error.WriteLine($"Unknown command: {string.Join(' ', args)}. See Program.cs.");
        return 64;
}
