#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A test of code that waits for hours, in milliseconds and the same every time.

using System.Diagnostics;
using Samovar;

long began = Stopwatch.GetTimestamp();
await EventLoop.RunAsync(
    async () =>
    {
        var time = EventLoop.Current!.Time;
        var start = time.GetUtcNow();
        int asked = 0;
        await PollAsync(() => ++asked == 6, TimeSpan.FromMinutes(1), time);
        Console.WriteLine($"asked {asked} times in {time.GetUtcNow() - start}");
    },
    new() { VirtualTime = true });
Console.WriteLine($"and that took less than a second: {Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1)}");

// The order in which callbacks that are ready run follows from a seed. Some of a hundred orders show what is wrong here.
int[] wrong = [.. Enumerable.Range(0, 100).Where(seed => Withdraw(seed) < 0)];
Console.WriteLine($"{wrong.Length} of 100 orders overdraw the account; seed {wrong[0]} does it again: {Withdraw(wrong[0])}");

// Takes any clock: the loop's in a test, TimeProvider.System in the program.
static async Task PollAsync(Func<bool> isThere, TimeSpan pause, TimeProvider time)
{
    while (!isThere())
    {
        await Task.Delay(pause, time);
        pause *= 2;
    }
}

static int Withdraw(long seed) => EventLoop.Run(
    async () =>
    {
        int balance = 100;
        await Task.WhenAll(WithdrawAsync(), WithdrawAsync());
        return balance;

        async Task WithdrawAsync()
        {
            if (balance < 100) return;
            await EventLoop.SleepAsync(TimeSpan.Zero);                   // somebody else's turn
            balance -= 100;
        }
    },
    new() { VirtualTime = true, Schedule = LoopSchedule.Seeded(seed) });
