#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

// Asynchronous locks, queues and limiters on one loop, in virtual time.
EventLoop.Run(async () =>
{
    var stove = new AsyncLock("stove");
    var orders = new AsyncQueue<string>(capacity: 2, name: "orders");
    var tables = new CapacityLimiter(2, "tables");

    await TaskGroup.RunAsync(async kitchen =>
    {
        for (int i = 1; i <= 2; i++) kitchen.Run(CookAsync, name: $"cook {i}");
        await TaskGroup.RunAsync(guests =>
        {
            foreach (string guest in new[] { "Anna", "Boris", "Clara" }) guests.Run(() => DineAsync(guest), guest);
        });
        await orders.WaitUntilDoneAsync();
        orders.Complete();
    });
    Console.WriteLine($"closed after {EventLoop.Current!.Time.GetElapsedTime(0).TotalMinutes} minutes");

    async Task DineAsync(string guest)
    {
        using (await tables.EnterAsync(guest))
        {
            Console.WriteLine($"{guest} sits down; at the tables: {string.Join(", ", tables.GetStatistics().Borrowers)}");
            await orders.PutAsync($"soup for {guest}");
            await EventLoop.SleepAsync(TimeSpan.FromMinutes(30));
        }
    }

    async Task CookAsync()
    {
        await foreach (string order in orders.TakeAllAsync())
        {
            using (await stove.EnterAsync()) await EventLoop.SleepAsync(TimeSpan.FromMinutes(10));
            Console.WriteLine($"{order} is ready");
            orders.Done();
        }
    }
}, new() { VirtualTime = true });
