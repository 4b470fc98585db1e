using System.Reflection;
using System.Runtime.InteropServices;

namespace Samovar.Cli.Tests.Map;

/// <summary>What the maps of these tests run: this assembly is their target.</summary>
public static partial class Sample
{
    private const int Kill = 9;

    private static readonly List<byte[]> s_hoards = [];

    /// <summary>A folder in which tests and workers meet; a named pipe in it is a gate.</summary>
    private static string Meeting => Environment.GetEnvironmentVariable("SAMPLE_FOLDER")!;

    public static long Square(long n) => n * n;

    public static string Upper(string text) => text.ToUpperInvariant();

    public static Order Twice(Order order) => order with { Count = order.Count * 2 };

    public static async Task<string> Awaited(string text, IProgress<double> progress, CancellationToken cancellation)
    {
        progress.Report(0.5);
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        return text + "!";
    }

    public static async ValueTask<int> AwaitedValue(int n)
    {
        await Task.Yield();
        return n + 1;
    }

    /// <summary>A task of which the method's type says nothing.</summary>
#pragma warning disable CA2012 // the tool awaits it
    public static object Deferred(int n) => AwaitedValue(n);
#pragma warning restore CA2012

    /// <summary>Waits on its thread, after an await, for a task that has an await too.</summary>
    public static async Task<int> Blocking(int n)
    {
        await Task.Yield();
        return Next(n).GetAwaiter().GetResult();

        static async Task<int> Next(int n)
        {
            await Task.Yield();
            return n + 1;
        }
    }

    /// <summary>The text of a file next to the program, and what the program is.</summary>
    public static string FileText(string name) =>
        $"{File.ReadAllText(Path.Combine(AppContext.BaseDirectory, name))} of {Assembly.GetEntryAssembly()!.Location}";

    public static async Task<ValueTask<int>> Nested(int n)
    {
        await Task.Yield();
        return ValueTask.FromResult(n);
    }

    /// <summary>For an odd number a list that has a name too.</summary>
    public static List<int> Listed(int n) => n % 2 == 0 ? new List<int> { n } : new NamedList { n };

    public static NamedList NamedListed(int n) => [n];

    public static int? Nothing(int n) => n % 2 == 0 ? null : n;

    public static void Silent(string text) => Console.WriteLine($"said {text}");

    public static int NotThirteen(int n) => n % 13 == 0 ? throw new InvalidDataException($"{n} is unlucky\nand this is its second line") : n;

    public static int Endless(int n)
    {
        if (n == 3) Thread.CurrentThread.Join();
        return n;
    }

    public static string FailsFast(string reason)
    {
        Environment.FailFast($"out of {reason}");
        return reason;
    }

    /// <summary>Keeps 40 MB.</summary>
    public static int Hoarded(int n)
    {
        byte[] hoard = GC.AllocateUninitializedArray<byte>(40_000_000);
        hoard.AsSpan().Fill(1); // memory counts once it is written to
        s_hoards.Add(hoard);
        return s_hoards.Count;
    }

    public static async IAsyncEnumerable<int> Stream(int n)
    {
        await Task.Yield();
        yield return n;
    }

    /// <summary>Waits until it is cancelled, and notes that it was.</summary>
    public static string Patient(string mark, CancellationToken cancellation)
    {
        cancellation.WaitHandle.WaitOne();
        File.WriteAllText(Path.Combine(Meeting, mark), "");
        cancellation.ThrowIfCancellationRequested();
        return mark;
    }

    public static int Deadly(int n)
    {
        if (n % 10 == 7) _ = KillProcess(Environment.ProcessId, Kill);
        return n;
    }

    /// <summary>Fails at the first attempt of each item.</summary>
    public static int SecondTime(int n) =>
        TaskContext.Current!.Attempt == 1 ? throw new InvalidOperationException("not yet") : n;

    /// <summary>Kills the tool itself, as kill -9 does, the first time that this item is run.</summary>
    public static string KillsTool(string item)
    {
        string mark = Path.Combine(Meeting, $"killed-{item}");
        if (item.EndsWith("fatal", StringComparison.Ordinal) && !File.Exists(mark))
        {
            File.WriteAllText(mark, "");
            _ = KillProcess(ParentId(), Kill);
            Thread.CurrentThread.Join(); // blocks until the tool exits, which kills this worker
        }

        return new string(item[0], item.Length * 7);
    }

    /// <summary>Signals the test that it has started, and waits until the test opens the gate.</summary>
    public static string Gated(string item)
    {
        File.AppendAllText(Path.Combine(Meeting, MapFolder.Begun), item + "\n");
        using FileStream gate = File.OpenRead(Path.Combine(Meeting, MapFolder.Gate));
        return item;
    }

    /// <summary>The same, for an item that ignores cancellation.</summary>
    public static string Stubborn(string item)
    {
        File.AppendAllText(Path.Combine(Meeting, MapFolder.Begun), item + "\n");
        if (item != "easy") Thread.CurrentThread.Join();
        return item;
    }

    public static int TwoValues(int first, int second) => first + second;

    public static T Generic<T>(T value) => value;

    public static string OfStream(Stream stream) => stream.ToString()!;

    public static int Overloaded(int n) => n;

    public static int Overloaded(string text) => text.Length;

    private static int ParentId() => int.Parse(
        File.ReadAllText("/proc/self/stat").Split(") ")[1].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillProcess(int process, int signal);
}

public enum Size { Small, Large }

public sealed record Order(string Name, int Count, bool IsPaid = false, Size Size = Size.Small);

public sealed class NamedList : List<int>
{
    public string Name => "odd";
}
