#:package Samovar@SAMOVAR-VERSION
#:property PublishAot=false

// Runs work in worker processes. Start it with: dotnet run SamovarFile.cs

using Samovar;

await using var pool = new ProcessExecutor();

int limit = 100_000;
int primes = await pool.Submit(() => CountPrimes(limit)); // the lambda and the variables that it reads travel to a worker
Console.WriteLine($"{primes} primes below {limit}");

await foreach (int count in pool.Map([10, 100, 1_000], CountPrimes)) Console.WriteLine(count);

static int CountPrimes(int limit) =>
    Enumerable.Range(2, limit - 2).Count(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0));
