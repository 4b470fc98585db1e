// Stores results in the cache of a folder and reads them back: Samovar.Cache.Tests.Child FOLDER COUNT. All processes use the same keys. Exits with 1 and says
// why if a result was not what some process stored, or the cache reported a failure.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Samovar;

using var cache = new DiskResultCache(args[0]);
int failures = 0;
cache.Failed += failure =>
{
    Interlocked.Increment(ref failures);
    Console.WriteLine(failure.Message);
};
int count = int.Parse(args[1], CultureInfo.InvariantCulture);
Console.WriteLine("ready");
Console.ReadLine();
for (int i = 0; i < count; i++)
{
    var key = new ResultCacheKey(SHA256.HashData(Encoding.UTF8.GetBytes($"{i % 7}")));
    byte[] bytes = new byte[i % 2 == 0 ? 100 : 40_000];
    Array.Fill(bytes, (byte)i);
    cache.Set(key, "child", bytes);
    if (cache.TryGet(key, out byte[]? found) && found.AsSpan().IndexOfAnyExcept(found[0]) >= 0)
    {
        Console.WriteLine($"result {i} is mixed from two");
        return 1;
    }
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"stored {count}"));
return failures == 0 ? 0 : 1;
