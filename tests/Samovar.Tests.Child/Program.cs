using System.Globalization;
using Samovar;
using Samovar.Tests.Child;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// A real program for the tests to start, watch and kill. It has no secrets: one verb, then arguments.
ProcessWorker.RunIfWorker(args);
switch (args)
{
    case ["start-worker"]:
        return ParentVerbs.StartWorker();
    case ["start-worker-without-descriptors"]:
        return ParentVerbs.StartWorkerWithoutDescriptors();
    case ["parent", var workers]:
        return ParentVerbs.HoldWorkers(int.Parse(workers, CultureInfo.InvariantCulture));
    case ["hold-pool", var stops]:
        return PoolVerbs.Hold(bool.Parse(stops));
    case ["await-interrupt", var handles]:
        return PoolVerbs.AwaitInterrupt(bool.Parse(handles));
    case ["end-with-work", var how]:
        return EndVerbs.Run(how);
    case ["await-signal", var handler, var name]:
        return EndVerbs.AwaitSignal(handler, name);
    case ["await-signal-after-shortage"]:
        return EndVerbs.AwaitSignalAfterShortage();
    case ["first-use-in-shortage"]:
        return ShortageVerbs.UseFirst();
    case ["kill-in-shortage"]:
        return ShortageVerbs.KillTree();
    case ["short-of", ..]:
        return ShortageVerbs.Run(args[1..]);
    case ["children", var daemon]:
        return ParentVerbs.StartChildAndReturn(bool.Parse(daemon));
    case ["stuck-receiver"]:
        return ParentVerbs.ReturnWithAStuckReceiver();
    case ["type-bomb"]:
        return BombVerbs.Type();
    case ["type-bomb-at-its-end"]:
        return BombVerbs.TypeAtItsEnd();
    case ["exit", var code]:
        return int.Parse(code, CultureInfo.InvariantCulture);
    case ["flood", var bytes]:
        return OutputVerbs.Flood(long.Parse(bytes, CultureInfo.InvariantCulture));
    case ["read-input"]:
        return Console.In.Read() == -1 ? 0 : 1;
    case ["loop-failure"]:
        return LoopVerbs.Fail();
    case ["loop-interrupt", .. var how]:
        return LoopVerbs.Interrupt(how is ["stubborn"]);
    case ["measure", ..]:
        return MeasureVerbs.Run(args[1..]);
    default:
        Console.Error.WriteLine($"Unknown verb: {string.Join(' ', args)}. See Program.cs.");
        return 64;
}
