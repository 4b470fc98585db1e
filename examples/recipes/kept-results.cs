#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A table of numbers passes through several steps in the worker process that made it; only the figures at the end travel.

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2 });

using Kept<double[]> table = await pool.SubmitKept(() => Enumerable.Range(0, 1_000_000).Select(n => n * 0.5).ToArray());
using Kept<double[]> roots = await table.ThenKept(numbers => Array.ConvertAll(numbers, Math.Sqrt));
table.Dispose(); // the worker needs it no longer

double largest = await roots.Then(numbers => numbers.Max());
string where = await roots.Then(numbers => $"{numbers.Length} roots in process {Environment.ProcessId}");
Console.WriteLine($"{where}, the largest is {largest:0.00}");

double[] copy = await roots.Fetch(); // a copy in this process
Console.WriteLine($"{copy.Length} numbers are copied to process {Environment.ProcessId}");
