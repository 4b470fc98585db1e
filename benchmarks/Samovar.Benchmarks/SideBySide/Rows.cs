using static Samovar.Benchmarks.SideBySide.Peer;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>The list of all rows.</summary>
internal static class Rows
{
    private const string Fork =
        "a fork copies a warm interpreter; a new .NET process first loads a runtime (the limit's time) and then compiles about 500 methods. "
        + "Published with ReadyToRun, it is as fast as a bare process";
    private const string Facts =
        "a future records its times, worker and attempts, and supports cancellation, timeouts and retries; Task.Run uses a queue on the same core";

    public static IReadOnlyList<Row> All { get; } = [.. Processes(), .. Queues(), .. Threads(), .. Loops(), .. Locks(), .. Others(), .. Clusters(), .. Watching(), .. Actors(), .. Resources(), .. Caches()];

    private static IEnumerable<Row> Processes()
    {
        yield return new("P1", "no-op process tasks, one future each, 2 workers", "/s", true, 1_000_000,
            [
                Python("pools.py", "Pool.apply_async"), Python("pools.py", "ProcessPoolExecutor").Thorough(), Node("pools.mjs", "workerpool").Thorough(),
                Node("pools.mjs", "piscina (threads)"), DotNet(".NET, a process a call").Thorough(),
            ])
        { Limit = DotNet("ring by hand, there and back") };
        yield return new("P1.metered", "no-op process tasks, with a listener of all metrics", "/s", true, 500_000, [])
        { Reason = "each task is measured five times: its run, its wait, and what travels" };
        yield return new("P2", "a process task, submitted and awaited, one at a time, p50", "µs", false, 20,
            [
                Python("pools.py", "Pool.apply").Thorough(), Python("pools.py", "ProcessPoolExecutor"), Node("pools.mjs", "workerpool"), Node("pools.mjs", "piscina (threads)"),
                DotNet(".NET, a process a call").Thorough(),
            ])
        { Limit = DotNet("futexes"), Reason = "two kernel wake-ups per round trip, as for this row's futexes; Node's threads share one process" };
        yield return new("P2.hot", "a process task whose caller waits for it (.Result), p50", "µs", false, 5,
            [Named("P2", Python("pools.py", "ProcessPoolExecutor")), Named("P2", Node("pools.mjs", "piscina (threads)"))])
        { Limit = DotNet("two words, both sides looking") };
        yield return new("P3", "process map over 100,000 no-op items", "items/s", true, 10_000_000,
            [
                Python("pools.py", "Pool.map"), Python("pools.py", "ProcessPoolExecutor.map").Thorough(),
            ]);
        yield return new("P3.outcomes", "process map over 100,000 items, an outcome for each", "items/s", true, 5_000_000, [Named("P3", Python("pools.py", "Pool.map"))]);
        yield return new("P3.captured", "process map over 20,000 items of 3 µs: capturing 20,000 entries, relative to one", "×", false, 1.5, [])
        { Reason = "the entries are sent once to each worker" };
        yield return new("P4", "from creating an executor to its first result", "ms", false, 60,
            [Python("pools.py", "Pool, fork"), Python("pools.py", "Pool, spawn").Thorough(), Python("pools.py", "Pool, forkserver").Thorough(), Node("pools.mjs", "fork")])
        { Limit = DotNet(".NET, a process started and ended"), Reason = Fork, IsCold = true };
        yield return new("P4.spare", "first result of an idle spare worker", "ms", false, 3, [Named("P4", Python("pools.py", "Pool, fork"))])
        {
            IsCold = true,
            Reason = "the replacement starts meanwhile and uses one of the cores; the rest is the compilation for the first task of its kind",
        };
        yield return new("P5", "from killing a worker to the next result, with a spare worker", "ms", false, 5,
            [Python("pools.py", "ProcessPoolExecutor, rebuilt"), Node("pools.mjs", "workerpool")])
        {
            Limit = DotNet("a process killed, seen by its parent"),
            Reason = "most of it is the time until the kernel reports the exit of the process, which is the limit",
            IsCold = true,
        };
        yield return new("P9", "256 MiB to a worker by value", "ms", false, 150, [Python("pools.py", "ProcessPoolExecutor").Thorough(), Python("pools.py", "Pipe.send_bytes")])
        { Limit = DotNet("one copy"), WarmUps = 8 };
        yield return new("P9.shared", "256 MiB transferred as SharedArray", "ms", false, 1, [Python("pools.py", "shared_memory, by name")])
        { Reason = "receivers are counted, so that the memory is freed with the last of them; Python's stays until it is unlinked" };
        yield return new("P19", "memory of an idle worker", "MB", false, 35, [Python("pools.py", "ProcessPoolExecutor"), Node("pools.mjs", "fork")])
        {
            Limit = DotNet(".NET, a bare process"),
            IsCold = true,
            Reason = "a forked interpreter shares its parent's pages; a .NET process has its own runtime, which is the limit",
        };
    }

    private static IEnumerable<Row> Actors()
    {
        yield return new("P22", "no-op calls of an actor in a process, one future each", "/s", true, 300_000, [])
        { Reason = "Ray publishes 8.7 k/s" };
        yield return new("P22.trip", "a call of an actor in a process, awaited, one at a time, p50", "µs", false, 20, [])
        { Limit = Named("P2", DotNet("futexes")), Reason = "a call is a task: compare P2" };
    }

    private static IEnumerable<Row> Resources()
    {
        yield return new("P23", "no-op tasks on threads that require one of 64 units of a resource", "/s", true, 500_000, [])
        { Reason = "each task takes the lock of the ledger twice, and allocates what it was granted" };
        yield return new("P23.unused", "what a task that requires nothing costs more on an executor with resources", "ns", false, 50, []);
    }

    private static IEnumerable<Row> Caches()
    {
        yield return new("P24", "a call whose result is in a cache on disk, in its index, p50", "µs", false, 50, [])
        { Reason = "the key: the argument serialized and hashed; then one query" };
        yield return new("P24.file", "a call whose result of 64 KiB is in a cache on disk, in a file, p50", "µs", false, 200, [])
        { Reason = "the file is read, and its checksum computed" };
    }

    private static IEnumerable<Row> Queues()
    {
        yield return new("P6", "integers to another process, one by one", "/s", true, 20_000_000,
            [Python("queues.py", "multiprocessing.Queue").Thorough(), Python("queues.py", "Pipe"), Node("pools.mjs", "IPC").Thorough(), DotNet(".NET Channel (threads)").Aside()])
        { Limit = DotNet("ring by hand") };
        yield return new("P6.batches", "integers to another process, in batches", "/s", true, 200_000_000, [Named("P6", Python("queues.py", "Pipe"))])
        { Limit = DotNet("ring by hand, 64 at once") };
        yield return new("P6.pairs", "integers from four producer to four consumer processes", "/s", true, 9_000_000,
            [Named("P6", Python("queues.py", "Pipe"))])
        { Reason = "eight processes share the cores" };
        yield return new("P7", "round trip through queues between two processes, hot, p50", "µs", false, 1,
            [Python("queues.py", "multiprocessing.Queue").Thorough(), Python("queues.py", "Pipe"), Node("pools.mjs", "IPC").Thorough(), DotNet(".NET Channel (threads)").Aside()])
        {
            Limit = DotNet("two words, both sides looking"),
            Reason = "a process that finds its queue empty spins only briefly; on two cores it then sleeps if others run, and has to be woken",
        };
        yield return new("P7.async", "round trip through queues between two processes, both sides awaiting, hot, p50", "µs", false, 2,
            [Named("P7", Python("queues.py", "Pipe")), Named("P7", Node("pools.mjs", "IPC")), Named("P7", DotNet(".NET Channel (threads)")).Aside()])
        { Reason = "a wait that does not find its item while it spins sleeps in a thread of its own, and continues on the thread pool: two wake-ups more than a wait that blocks" };
        yield return new("P7.idle", "round trip through queues between two processes, after 2 ms idle, p50", "µs", false, 40,
            [Python("queues.py", "multiprocessing.Queue"), Python("queues.py", "Pipe"), Node("pools.mjs", "IPC")])
        {
            Limit = DotNet("futexes"),
            Reason = "two wake-ups across cores, as for this row's futexes; a pipe wakes its reader on the writer's core, which is already awake",
        };
        yield return new("P8", "messages of 1 KiB to another process", "/s", true, 3_000_000,
            [Python("queues.py", "multiprocessing.Queue").Thorough(), Python("queues.py", "Pipe"), Node("pools.mjs", "IPC").Thorough(), DotNet(".NET Channel (threads)").Aside()])
        { Limit = DotNet("ring by hand") };
        yield return new("P8.arrays", "byte arrays of 1 KiB to another process", "/s", true, 3_000_000, [Named("P8", Python("queues.py", "Pipe"))]);
    }

    private static IEnumerable<Row> Threads()
    {
        yield return new("P10", "no-op tasks to the thread executor", "/s", true, 4_000_000, [DotNet(".NET Task.Run"), Python("pools.py", "ThreadPoolExecutor").Thorough()])
        { Limit = DotNet("UnsafeQueueUserWorkItem"), Reason = Facts };
        yield return new("P10.metered", "no-op tasks to the thread executor, with a listener of all metrics", "/s", true, 1_000_000, [])
        { Reason = "each task is measured twice: its run and its wait" };
        yield return new("P10.trip", "a thread task, submitted and awaited, one at a time, p50", "µs", false, 5,
            [DotNet(".NET thread, BlockingCollection"), Python("pools.py", "ThreadPoolExecutor")])
        { Reason = Facts };
        yield return new("P10.dependent", "no-op tasks on threads that take the result of another one, 64 chains", "/s", true, 1_000_000, [DotNet(".NET Task.ContinueWith")])
        { Reason = Facts };
        yield return new("P10.map", "ordered map over 100,000 no-op items on threads", "items/s", true, 4_000_000, [DotNet(".NET Parallel.ForEachAsync (no results)")])
        { Reason = "it returns results in order; Parallel.ForEachAsync has no results" };
        yield return new("P11", "futures submitted and taken as completed, 10,000 at a time", "/s", true, 2_400_000,
            [DotNet(".NET Task.WhenEach"), Python("pools.py", "as_completed").Thorough()])
        { Reason = Facts };
    }

    private static IEnumerable<Row> Loops()
    {
        yield return new("P12", "loop: callbacks posted and run", "/s", true, 10_000_000,
            [Python("loops.py", "asyncio call_soon").Thorough(), Node("loops.mjs", "setImmediate"), DotNet(".NET Channel of actions")]);
        yield return new("P13", "loop: switches by await", "/s", true, 10_000_000,
            [Python("loops.py", "asyncio sleep(0)").Thorough(), Node("loops.mjs", "microtask"), DotNet(".NET thread pool, Task.Yield")])
        {
            Reason = "a microtask queue has no other producers and does not detect slow callbacks; without that detection Samovar is twice as fast",
        };
        yield return new("P14", "loop: 100,000 tasks started and joined", "/s", true, 3_000_000,
            [Python("loops.py", "asyncio create_task, gather").Thorough(), Node("loops.mjs", "async function, Promise.all"), DotNet(".NET Task.Run, Task.WhenAll")])
        { Reason = "a task of a group has a scope, a name and a node in the task tree; a task of Task.Run does not" };
        yield return new("P15", "a million one-second sleepers", "s", false, 1.5,
            [Python("loops.py", "asyncio, a tenth of them").Thorough(), Node("loops.mjs", "setTimeout"), DotNet(".NET Task.Delay")])
        { IsWhole = true };
        yield return new("P15.memory", "memory per sleeper, of a million", "B", false, 200,
            [Python("loops.py", "asyncio"), Node("loops.mjs", "setTimeout, no function"), DotNet(".NET Task.Delay")])
        { IsWhole = true };
        yield return new("P15.timer", "starting and cancelling a timer among a million", "ns", false, 150,
            [Python("loops.py", "asyncio call_later"), DotNet(".NET Timer")]);
        yield return new("P15.hour", "an hour of virtual time, in one-second sleeps of 1,000 tasks", "s", false, 1, []) { IsWhole = true };
        yield return new("P16", "from a post to the loop by another thread until it runs, p50", "µs", false, 2,
            [Python("loops.py", "asyncio call_soon_threadsafe"), DotNet(".NET thread, BlockingCollection")])
        { Limit = DotNet("two words, both sides looking") };
    }

    private static IEnumerable<Row> Locks()
    {
        Peer python = Named("locks.enter", Python("locks.py", "multiprocessing.Lock"));
        yield return new("locks.enter", "uncontended lock between processes, entered and exited", "ns", false, 50,
            [python, DotNet(".NET SemaphoreSlim (one process)").Aside()]);
        yield return new("locks.semaphore", "uncontended semaphore between processes, acquired and released", "ns", false, 50,
            [Python("locks.py", "multiprocessing.Semaphore")]);
        yield return new("locks.read", "uncontended reader-writer lock between processes, read lock entered and exited", "ns", false, 50,
            [python]);
        yield return new("locks.event", "wait for an event that is set", "ns", false, 10, [Python("locks.py", "multiprocessing.Event")]);
        yield return new("locks.contended", "lock contended by two processes, per entry", "µs", false, 1,
            [Python("locks.py", "multiprocessing.Lock")])
        { Reason = "it is fair, so each entry switches processes; Python's lets the running process enter repeatedly" };
        yield return new("locks.trip", "round trip through two semaphores between two processes", "µs", false, 25,
            [Python("locks.py", "multiprocessing.Semaphore")])
        { Limit = Named("P2", DotNet("futexes")), Reason = "two kernel wake-ups, as for the futexes of this row" };
    }

    private static IEnumerable<Row> Others()
    {
        yield return new("P17", "command-line map over trivial lines", "items/s", true, 200_000,
            [DotNet("xargs -P 2, dotnet exec"), DotNet("GNU parallel -j 2, dotnet exec").Thorough(), DotNet("xargs -P 2, true (native, no result)").Aside()]);
        yield return new("P21", "command-line map of a command that does nothing, without the start of the tool", "/s", true, 1_900, [DotNet("xargs -P 2"), DotNet("GNU parallel -j 2").Thorough()])
        { Reason = "creating a process and loading its libraries is the work of the kernel" };
    }

    private static IEnumerable<Row> Clusters()
    {
        const string Messages = "a task is a message, a claim, its answer, an outcome and its confirmation, so that it never starts twice; the client's message is one";
        yield return new("P18", "no-op tasks through a cluster over RabbitMQ, one future each, 2 workers", "/s", true, 100_000, [DotNet("Celery"), DotNet("RabbitMQ.Client, a message each") with { Row = "P18.single", IsRanked = false }]);
        yield return new("P18.single", "no-op tasks through a cluster over RabbitMQ, a message each, 48 at a time", "/s", true, 4_500, [DotNet("RabbitMQ.Client, a message each")])
        { Reason = Messages };
        yield return new("P18.trip", "a task through a cluster over RabbitMQ, after 2 ms idle, p50", "µs", false, 2_000, [DotNet("RabbitMQ.Client, there and back"), DotNet("Celery")])
        { Reason = Messages };
        yield return new("P18.queued", "a million tasks queued in a cluster over RabbitMQ that has no node", "s", false, 15, []) { IsWhole = true };
        yield return new("P18.drained", "a million queued tasks run by two nodes with 2 workers each, from the start of the nodes", "/s", true, 50_000, []) { IsWhole = true };
        yield return new("P18.killed", "a node killed with -9: until a task that it ran, which has a retry, has run elsewhere", "s", false, 1, []) { IsWhole = true };
        yield return new("P18.restarted", "a broker killed and started again: from when it listens to the result of a waiting task", "s", false, 2, []) { IsWhole = true };
        yield return new("P18.cold", "the first task of a program that the node does not have, with 5 MB that cannot be compressed", "s", false, 3, []) { IsWhole = true };
    }

    private static IEnumerable<Row> Watching()
    {
        yield return new("P20", "no-op process tasks with a viewer (samovar top --json, 4 pictures a second), relative to none", "×", true, 0.98, []);
        yield return new("P20.picture", "taking and writing a picture after 200,000 tasks", "ms", false, 5, []) { WarmUps = 4 };
        yield return new("P20.size", "size of that picture", "KB", false, 64, []);
        yield return new("P20.filter", "a filter by text over the tasks that are kept of a million", "ms", false, 100, []) { WarmUps = 4 };
    }

    /// <summary>Returns a contestant that is shared from another row.</summary>
    private static Peer Named(string row, Peer peer) => peer with { Row = row };
}
