using Samovar.Serialization;

namespace Samovar.Tests.Meaning;

/// <summary>What is one object in a program: captured ones, static ones, results.</summary>
internal static class IdentityQuestions
{
    private static int s_written;

    public static Questions All { get; } = Build();

    private static Questions Build()
    {
        var list = new Questions();
        list.Same("a constant and a static readonly string", "tea", static () => Status.Name);
        list.Differs("a captured object that the task changes", static async executor =>
        {
            List<int> captured = [];
            await executor.Submit(Adding(captured));
            return captured.Count == 1 ? "the program sees it" : "the program does not see it";
        });
        list.Differs("the result of a task that returns a captured object", static async executor =>
        {
            List<int> captured = [];
            return ReferenceEquals(await executor.Submit(Returning(captured)), captured) ? "the same object" : "a copy";
        });
        list.Differs("a static field that the program has set", static async executor =>
        {
            Volatile.Write(ref s_written, 5);
            return await executor.Submit(static () => Volatile.Read(ref s_written)) == 5 ? "the program's value" : "the worker's own";
        });
        list.Same("a captured object of a `static readonly` field of its own type, compared by reference", "equal", static async executor =>
        {
            var paid = Status.Paid;
            return await executor.Submit(Comparing(paid)) ? "equal" : "not equal";
        });
        list.Differs("a captured `Random`, drawn from in one task after the other", static async executor =>
        {
            try
            {
                var random = new Random(42);
                return await executor.Submit(Drawing(random)) == await executor.Submit(Drawing(random)) ? "repeats" : "continues";
            }
            catch (UnshippableException)
            {
                return "is refused"; // the answer
            }
        });
        list.Differs("a captured stream", static async executor =>
        {
            using var stream = new MemoryStream([7]);
            return await UsedAsync(executor, Reading(stream));
        });
        list.Differs("a captured `Lock` that another thread of the program holds", static async executor =>
        {
            var captured = new Lock();
            using var isHeld = new ManualResetEventSlim();
            using var release = new ManualResetEventSlim();
            var holder = new Thread(() => Hold(captured, isHeld, release));
            holder.Start();
            isHeld.Wait();
            bool isFree = await executor.Submit(Entering(captured));
            release.Set();
            holder.Join();
            return isFree ? "is free" : "is held";
        });
        list.Differs("hash codes of strings", static async executor =>
            await executor.Submit(static () => "tea".GetHashCode(StringComparison.Ordinal)) == "tea".GetHashCode(StringComparison.Ordinal) ? "the program's" : "the worker's own");
        list.Differs("a captured string and a literal, compared by reference", static async executor => await executor.Submit(Interned("tea")) ? "equal" : "not equal");
        return list;
    }

    private static async Task<string> UsedAsync(Executor executor, Func<int> work)
    {
        try
        {
            return await executor.Submit(work) == 7 ? "is used" : "is another";
        }
        catch (UnshippableException)
        {
            return "is refused"; // the answer
        }
    }

    private static Action Adding(List<int> captured) => () => captured.Add(1);

    private static Func<List<int>> Returning(List<int> captured) => () => captured;

    private static Func<bool> Comparing(Status status) => () => status == Status.Paid;

    private static Func<int> Drawing(Random random) => () => random.Next();

    private static Func<int> Reading(Stream stream) => () => stream.ReadByte();

    private static Func<bool> Entering(Lock captured) => () =>
    {
        if (!captured.TryEnter()) return false;
        captured.Exit();
        return true;
    };

    private static void Hold(Lock held, ManualResetEventSlim isHeld, ManualResetEventSlim release)
    {
        lock (held)
        {
            isHeld.Set();
            release.Wait();
        }
    }

    private static Func<bool> Interned(string captured) => () => ReferenceEquals(captured, "tea");

    private sealed class Status
    {
        public const string Name = "tea";

        public static readonly Status Paid = new();
    }
}
