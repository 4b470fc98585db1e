#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Breakfast step by step, and with an eye on the kettle. A minute of the kitchen takes a tenth of a second here.

using System.Diagnostics;
using Samovar;

await using var kitchen = new ThreadExecutor(new() { Name = "kitchen", Workers = 3 });

var stepByStep = await TimeAsync("step by step", async () =>
{
    Boil();
    Toast();
    FetchPaper();
    Pour();
});

var whileItBoils = await TimeAsync("while the water boils", async () =>
{
    var kettle = kitchen.Submit(Boil);          // it whistles when it is done
    var toaster = kitchen.Submit(Toast);
    FetchPaper();
    await kettle;
    Pour();
    await toaster;
});

Console.WriteLine($"The same breakfast, {stepByStep / whileItBoils:0.0} times as fast.");

static void Boil() => Do("boil the water", 4);
static void Toast() => Do("toast the bread", 3);
static void FetchPaper() => Do("fetch the newspaper", 2);
static void Pour() => Do("pour the tea", 1);

static void Do(string what, int minutes)
{
    Thread.Sleep(minutes * 100);
    Console.WriteLine($"    {what}: {minutes} min");
}

static async Task<TimeSpan> TimeAsync(string way, Func<Task> breakfast)
{
    long start = Stopwatch.GetTimestamp();
    await breakfast();
    var took = Stopwatch.GetElapsedTime(start);
    Console.WriteLine($"{way}: {took.TotalMilliseconds / 100:0.0} min");
    return took;
}
