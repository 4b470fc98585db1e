#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A task that does not complete: stopped by a timeout for each item, and by a call.

using System.Text.RegularExpressions;
using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2, CancellationGrace = TimeSpan.FromMilliseconds(100) });

string text = new string('a', 40) + "!";
string[] patterns = ["^a+$", "^(a+)+$", "^(a|b)+$"];                   // the second one tries 2^40 ways
await foreach (var outcome in pool.MapOutcomes(
    patterns, pattern => Regex.IsMatch(text, pattern), new() { Timeout = TimeSpan.FromSeconds(0.5) }))
{
    Console.WriteLine($"{outcome.Input}: {(outcome.IsSuccess ? outcome.Value : outcome.Error!.Message)}");
}

using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
var endless = pool.Submit(() => { while (true) { } }, new() { CancellationToken = stop.Token });
await Futures.WaitAsync([endless]);
Console.WriteLine($"stopped by hand: {endless.State}");

// A task that observes its token has a grace period to clean up.
var polite = pool.Submit(
    token =>
    {
        token.WaitHandle.WaitOne();
        Console.WriteLine("tidied up");
    },
    new() { Timeout = TimeSpan.FromMilliseconds(50) });
await Futures.WaitAsync([polite]);
