#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2 });

int limit = 1_000_000;
var primes = pool.Submit(() => CountPrimes(limit));                     // the closure travels to a worker process
var crash = pool.Submit(() => Environment.FailFast("out of tea"));      // a crash costs this task and no other
var hang = pool.Submit(() => { while (true) { } }, new() { Timeout = TimeSpan.FromSeconds(1) });   // a runaway is killed

await Futures.WaitAsync([primes, crash, hang]);
Console.WriteLine($"{primes.Result} primes below {limit}");
Console.WriteLine($"crash: {crash.Exception?.GetType().Name}, hang: {hang.Exception?.GetType().Name}");

static int CountPrimes(int limit) =>
    Enumerable.Range(2, limit - 2).Count(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0));
