#:project ../src/Samovar/Samovar.csproj
#:project ../src/Samovar.Cache/Samovar.Cache.csproj
#:property PublishAot=false

// A function whose results are kept on disk: the second call with an equal argument does not run it.

using System.Security.Cryptography;
using System.Text;
using Samovar;

string folder = Path.Combine(Path.GetTempPath(), $"samovar-example-{Environment.ProcessId}");   // usually: none, for the user's cache folder

await using var pool = new ProcessExecutor(new() { Workers = 2 });
using var cache = new DiskResultCache(folder, new() { MaxBytes = 100 << 20, MaxAge = TimeSpan.FromDays(30) });
cache.Failed += static failure => Console.WriteLine(failure.Message);

const int rounds = 200_000;
var derive = pool.Cached("derive-key", (string password) => Password.Derive(password, rounds), cache);

Console.WriteLine(await derive.CallAsync("tea"));      // runs in a worker process
Console.WriteLine(await derive.CallAsync("tea"));      // read from the folder, in this process or in a later one
Console.WriteLine(await derive.CallAsync("coffee"));

var statistics = cache.GetStatistics();
Console.WriteLine($"{statistics.Hits} of {statistics.Hits + statistics.Misses} results were in the cache; {pool.GetStatistics().Submitted} tasks ran");

// The items of a map whose results are there are not sent to a worker. The same name shares the results.
string[] passwords = ["water", "tea", "milk"];
await foreach (string key in pool.Map(passwords, password => Password.Derive(password, rounds), new() { Cache = cache, Name = "derive-key" })) Console.WriteLine(key);

// What depends on something else than its code, captured variables and argument says so in its version.
string prices = Path.Combine(folder, "prices.txt");
File.WriteAllLines(prices, ["tea 3", "cake 4"]);
string version = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(prices)));
var price = pool.Cached("price", (string drink) => File.ReadLines(prices).First(line => line.StartsWith(drink)), cache, new() { Version = version });
Console.WriteLine(await price.CallAsync("tea"));

foreach (var result in cache.GetResults().OrderBy(static result => result.Name)) Console.WriteLine($"{result.Name}: {result.Bytes} bytes");
Console.WriteLine($"{cache.Clear("derive-key")} results of derive-key removed");
cache.Dispose();
Directory.Delete(folder, recursive: true);

internal static class Password
{
    public static string Derive(string password, int rounds) =>
        Convert.ToHexString(Rfc2898DeriveBytes.Pbkdf2(password, Encoding.UTF8.GetBytes("a salt for each user"), rounds, HashAlgorithmName.SHA256, 8));
}
