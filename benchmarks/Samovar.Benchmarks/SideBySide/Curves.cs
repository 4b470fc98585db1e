using static Samovar.Benchmarks.SideBySide.Peer;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>The list of all curves.</summary>
internal static class Curves
{
    public static IReadOnlyList<Curve> All { get; } =
    [
        new("workers", "tasks of 0.1 ms of work", "workers", "tasks/s", [1, 2, 3, 4, 8],
            [new(DotNet("Samovar processes")), new(DotNet("Samovar threads")), new(Python("pools.py", "Pool.map"))]),
        new("payload", "values sent to a worker process, one at a time", "bytes", "B/s", [64, 1 << 10, 1 << 14, 1 << 18, 1 << 22, 1 << 26, 1 << 28],
            [new(DotNet("Samovar")), new(Python("pools.py", "Pool.apply"), 1 << 26)])
        { Slow = 2 },
        new("length", "tasks of this length on two workers", "µs", "tasks/s", [1, 2, 3, 5, 10, 30, 100, 300, 1000, 10_000],
            [new(DotNet("one after the other")), new(DotNet("Samovar threads")), new(DotNet("Samovar processes"))])
        { Slow = 1 },
        new("queued", "no-op tasks submitted at once, until all have run", "tasks", "tasks/s", [1e3, 1e4, 1e5, 1e6, 1e7],
            [new(DotNet("Samovar threads")), new(DotNet("Samovar processes")), new(DotNet(".NET Task.Run"))])
        { Slow = 2 },
        new("sleepers", "one-second sleepers, until all are awake", "sleepers", "s", [1e3, 1e4, 1e5, 1e6],
            [new(DotNet("Samovar")), new(DotNet(".NET Task.Delay")), new(Node("loops.mjs", "setTimeout")), new(Python("loops.py", "asyncio"), 1e5)])
        { Slow = 2 },
        new("scopes", "cancellation of nested blocks, until the outermost completes", "levels", "s", [500, 1e3, 3e3, 1e4, 3e4],
            [new(DotNet("Samovar scopes")), new(DotNet("Samovar groups")), new(DotNet(".NET linked sources"), 1e3)])
        { Slow = 2 },
    ];

    /// <summary>Returns the named curves; all curves if no name is given.</summary>
    /// <exception cref="ArgumentException">There is no such curve.</exception>
    public static IReadOnlyList<Curve> Choose(IReadOnlyList<string> only)
    {
        foreach (string id in only)
        {
            if (!All.Any(curve => curve.Id.Equals(id, StringComparison.OrdinalIgnoreCase)))
                throw new ArgumentException($"There is no curve {id}. The curves are: {string.Join(", ", All.Select(static curve => curve.Id))}.");
        }

        return [.. All.Where(curve => only.Count == 0 || only.Contains(curve.Id, StringComparer.OrdinalIgnoreCase))];
    }
}
