#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using System.Diagnostics;
using Samovar;
using Samovar.Ipc;

using var numbers = new ProcessQueue<int>(capacity: 1 << 16);
using var answers = new ProcessQueue<long>(capacity: 4);

var reader = ChildProcess.Start(() =>
{
    int[] some = new int[4096];
    for (long sum = 0; numbers.TakeMany(some) is > 0 and var count;)
    {
        foreach (int n in some.AsSpan(0, count))
        {
            if (n >= 0) { sum += n; continue; }
            answers.Put(sum);                                     // a negative number ends a round
            sum = 0;
        }
    }
});

foreach (int count in new[] { 10_000, 10_000, 100_000, 1_000_000 })   // the first round warms up
{
    long began = Stopwatch.GetTimestamp();
    for (int n = 0; n < count; n++) numbers.Put(n);
    numbers.Put(-1);
    long sum = answers.Take();
    var took = Stopwatch.GetElapsedTime(began);
    Console.WriteLine($"{count,9:N0} numbers there, their sum {sum:N0} back: {took.TotalMilliseconds,7:N2} ms, {count / took.TotalSeconds / 1e6,6:N1} million a second");
}

numbers.Complete();                                               // the reader takes the remaining items and stops
await reader.JoinAsync();
