using System.Diagnostics;
using System.Reflection;

namespace Samovar.Tests.Architecture;

/// <summary>A class that guards state by a lock says what holds of that state, and debug builds check it at the end of what has changed it.</summary>
public sealed class InvariantTests
{
    private const string Check = "CheckInvariants";

    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Objects with these names are entered by <see cref="Monitor"/>.</summary>
    private static readonly string[] s_gates = ["_gate", "_lock", "_list", "_signal", "_never"];

    /// <summary>Classes with a lock and nothing to check, and why.</summary>
    private static readonly Dictionary<string, string> s_unchecked = new(StringComparer.Ordinal)
    {
        ["AsyncWaiter"] = "the state is that of its task, which ends once by itself",
        ["ClusterInstruments"] = "one list",
        ["ClusterMonitor.Receiver"] = "the latest report of each member, each replaced as a whole, and a count",
        ["CompletionList"] = "one list, null once it is closed",
        ["IdleNodes"] = "one dictionary",
        ["LinuxWorkerProcess"] = "one flag, and two descriptors that have nothing to do with one another",
        ["LinkedPorts"] = "what is open and what came early change apart, and meet in a step of their own",
        ["LinkedPorts.Port"] = "its lock keeps an order and guards nothing",
        ["MemoryBroker"] = "one generator of random numbers",
        ["MemoryCluster"] = "one list",
        ["MemoryConnection"] = "one state, and what was sent during an interruption",
        ["NodeCore"] = "tasks and flags that change once",
        ["NodeOutbox"] = "one dictionary",
        ["NodeOwners"] = "one dictionary",
        ["OwnerConnector"] = "one result, replaced as a whole",
        ["ProgramSender"] = "the answers under way, and the latest attempt",
        ["OwnerMemory"] = "one list, bounded where it grows",
        ["ParentBell"] = "one flag",
        ["PeerWatch.Subscription"] = "one flag",
        ["PortableWaitPlatform"] = "sleeps at its lock, which guards nothing",
        ["ProcessPool"] = "lends its lock to its parts, which check what they guard by it",
        ["QueueRates"] = "one snapshot, replaced as a whole",
        ["SharedRegion"] = "one value, made once",
        ["SharedSignal.CancelWake"] = "one flag",
        ["WatchSession"] = "its lock keeps lines apart and guards nothing",
        ["WorkerLives"] = "one list, bounded where it grows",
        ["WorkerPorts"] = "what is open and what came early change apart, and meet in a step of their own",
        ["WorkerThread"] = "one flag",
        ["WorkerWatchdog"] = "guards nothing of its own: it looks at workers under the pool's lock",
    };

    private static IEnumerable<Type> Types => typeof(FutureState).Assembly.GetTypes();

    [ThreadFact]
    public void Every_class_that_guards_state_checks_what_holds_of_it() => Unchecked(Types).Except(s_unchecked.Keys).ShouldBeEmpty();

    [ThreadFact]
    public void Every_class_that_is_listed_as_having_nothing_to_check_has_a_lock_and_no_check() => s_unchecked.Keys.Except(Unchecked(Types)).ShouldBeEmpty();

    [ThreadFact]
    public void A_check_costs_nothing_in_a_release_build() =>
        Types.SelectMany(static type => type.GetMethods(Declared)).Where(IsCheck)
            .Where(static method => !method.GetCustomAttributes<ConditionalAttribute>().Any(static condition => condition.ConditionString == "DEBUG"))
            .Select(static method => $"{Name(method.DeclaringType!)}.{method.Name}").ShouldBeEmpty();

    [ThreadFact]
    public void A_class_that_checks_nothing_is_noticed() =>
        Unchecked(typeof(InvariantTests).GetNestedTypes(BindingFlags.NonPublic))
            .ShouldBe(["InvariantTests.WithoutCheck", "InvariantTests.WithMonitor", "InvariantTests.WithLentLock"], ignoreOrder: true);

    private static IEnumerable<string> Unchecked(IEnumerable<Type> types) =>
        types.Where(static type => type.IsClass && !type.Name.Contains('<') && type.GetFields(Declared).Any(IsLock) && !type.GetMethods(Declared).Any(IsCheck)).Select(Name);

    private static bool IsLock(FieldInfo field) =>
        !field.IsStatic && (field.FieldType == typeof(Lock) || (field.FieldType == typeof(object) && s_gates.Contains(field.Name)));

    private static bool IsCheck(MethodInfo method) => method.Name.StartsWith(Check, StringComparison.Ordinal);

    private static string Name(Type type) => (type.DeclaringType is { } outer ? Name(outer) + "." : "") + type.Name.Split('`')[0];

    private class WithoutCheck
    {
        public Lock Gate { get; } = new();
    }

    private sealed class WithMonitor
    {
        private readonly object _gate = new();

        public bool IsEntered => Monitor.IsEntered(_gate);
    }

    private sealed class WithLentLock(Lock gate)
    {
        public bool IsEntered => gate.IsHeldByCurrentThread;
    }

    private sealed class WithCheck : WithoutCheck
    {
        private readonly Lock _gate = new();

        [Conditional("DEBUG")]
        public void CheckInvariantsLocked() => Debug.Assert(_gate.IsHeldByCurrentThread, "the caller must hold the gate");
    }

    private sealed class WithoutLock : WithoutCheck;
}
