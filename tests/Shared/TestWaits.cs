using System.Collections.Concurrent;

namespace Samovar.Tests.Testing;

/// <summary>What the running tests wait for, so that a test that reaches its limit can say so. Thread-safe.</summary>
internal static class TestWaits
{
    private static readonly ConcurrentDictionary<Entry, string> s_waits = new();
    private static readonly ConcurrentDictionary<string, Task> s_bodies = new();

    /// <summary>Notes that the current test waits for something until the result is disposed of.</summary>
    public static IDisposable Begin(string? what)
    {
        var entry = new Entry(TestContext.Current.Test?.UniqueID);
        s_waits[entry] = what ?? "";
        return entry;
    }

    /// <summary>Notes the task of a test's method.</summary>
    public static void Started(string test, Task body) => s_bodies[test] = body;

    /// <summary>Forgets a test.</summary>
    public static void Ended(string test) => s_bodies.TryRemove(test, out _);

    /// <summary>What the test waits for, in words; empty where that is unknown.</summary>
    public static string Describe(string test)
    {
        var parts = s_waits.Where(wait => wait.Key.Test == test).Select(static wait => wait.Value).ToList();
        if (s_bodies.TryGetValue(test, out var body) && AwaitedBy.Describe(body) is { } chain) parts.Add(chain);
        return string.Join("; ", parts);
    }

    private sealed class Entry(string? test) : IDisposable
    {
        public string? Test => test;

        public void Dispose() => s_waits.TryRemove(this, out _);
    }
}
