#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

await using var pool = new ThreadExecutor(new() { Workers = 4 });

int limit = 1_000_000;
int primes = await pool.Submit(() => CountPrimes(limit));
Console.WriteLine($"{primes} primes below {limit}");

await foreach (int count in pool.Map([10, 1_000, 100_000], CountPrimes))              // lazy, in order, bounded in flight
    Console.WriteLine(count);

await foreach (var outcome in pool.MapOutcomes(["12", "x", "42"], text => int.Parse(text)))  // one bad item does not affect the others
    Console.WriteLine(outcome.IsSuccess ? $"{outcome.Value}" : outcome.Error?.Message);

static int CountPrimes(int limit) =>
    Enumerable.Range(2, limit - 2).Count(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0));
