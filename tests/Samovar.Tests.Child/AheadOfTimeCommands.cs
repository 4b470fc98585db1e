using System.Globalization;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Tests.Child;

/// <summary>What works where no code can be compiled at run time, as in a program that was compiled ahead of time.</summary>
internal static class AheadOfTimeCommands
{
    public static async Task<int> RunAsync()
    {
        await using (var threads = new ThreadExecutor())
        {
            Say("threads", await threads.Submit(() => 42));
            Say("map", string.Join(' ', await threads.Map([1, 2, 3], n => n * n).ToListAsync()));
        }

        Say("loop", EventLoop.Run(async () =>
        {
            await EventLoop.SleepAsync(TimeSpan.FromMilliseconds(1));
            return 42;
        }));
        await using (var inline = new InlineExecutor()) Say("inline", await inline.Submit(() => 42));

        using var gate = new ProcessLock();
        using (gate.Enter()) Say("lock", "entered");
        using var array = new SharedArray<int>(2);
        array[1] = 42;
        Say("array", array[1]);

        using var numbers = new ProcessQueue<int>(4);
        Say("queue of numbers", Through(numbers, 42));
        using var measures = new ProcessQueue<Measure>(4);
        var measure = Through(measures, new Measure(1.5, true));
        Say("queue of structs", string.Create(CultureInfo.InvariantCulture, $"{measure.Value} {measure.IsExact}"));
        using var texts = new ProcessQueue<string>(4);
        Say("queue of texts", Through(texts, "tea"));
        using var bytes = new ProcessQueue<byte[]>(4);
        Say("queue of bytes", Through(bytes, [1, 2, 3]).Length);
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        sender.Send(42);
        Say("pipe of numbers", receiver.Receive());

        Refuses("queue of lists", () => new ProcessQueue<List<int>>(4));
        Refuses("opened queue of lists", () => ProcessQueue<List<int>>.Open("samovar-none"));
        Refuses("queue of nullables", () => new ProcessQueue<int?>(4));
        Refuses("pipe of lists", () => ProcessPipe.CreateOneWay<List<int>>());
        Refuses("completion with an error", () => numbers.Complete(new InvalidOperationException("cold")));
        Refuses("pool", () => new ProcessExecutor());
        Refuses("child", () => ChildProcess.Start(() => 42));
        Refuses("message", () => Shipping.Pack(42));
        return 0;
    }

    private static T Through<T>(ProcessQueue<T> queue, T item)
    {
        queue.Put(item);
        return queue.Take();
    }

    private static void Refuses(string what, Func<object?> action)
    {
        try
        {
            action();
            Say(what, "accepted");
        }
        catch (PlatformNotSupportedException error)
        {
            Say(what, error.Message.Contains("PublishAot", StringComparison.Ordinal) ? "refused" : error.Message);
        }
    }

    private static void Refuses(string what, Action action) => Refuses(what, () =>
    {
        action();
        return null;
    });

    private static void Say(string what, object value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {value}"));

    private readonly record struct Measure(double Value, bool IsExact);
}
