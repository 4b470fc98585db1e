using System.Globalization;

namespace Samovar.Cli.Caching;

/// <summary>Runs <c>samovar cache</c>.</summary>
internal static class CacheJob
{
    /// <summary>Lists the results by function, or as JSON each of them.</summary>
    public static int List(string? folder, bool isJson)
    {
        using var cache = Open(folder);
        var results = Tried(cache, cache.GetResults);
        if (isJson)
        {
            Console.Out.WriteLine(CacheJson.Write(results));
            return ExitCode.Success;
        }

        if (results.Count == 0)
        {
            Console.Out.WriteLine($"There are no results in {cache.Folder}.");
            return ExitCode.Success;
        }

        foreach (var function in results.GroupBy(static result => result.Name).OrderByDescending(static function => function.Sum(static result => result.Bytes)))
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{function.Key}\t{Count(function.Count())}\t{Size(function.Sum(static result => result.Bytes))}\tlast used {function.Max(static result => result.LastUsed):yyyy-MM-dd HH:mm} UTC"));
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Count(results.Count)}, {Size(results.Sum(static result => result.Bytes))} in {cache.Folder}"));
        return ExitCode.Success;
    }

    /// <summary>Removes results.</summary>
    public static int Clear(string? folder, string? name)
    {
        using var cache = Open(folder);
        int removed = Tried(cache, () => cache.Clear(name));
        if (removed == 0 && name is not null) throw new UsageException($"there are no results of '{name}' in {cache.Folder}. 'samovar cache list' shows the names.");
        Console.Out.WriteLine($"{Count(removed)} removed from {cache.Folder}");
        return ExitCode.Success;
    }

    private static DiskResultCache Open(string? folder)
    {
        string named = Path.GetFullPath(folder ?? DiskResultCache.DefaultFolder);
        if (folder is not null && !Directory.Exists(named) && !File.Exists(named)) throw new UsageException($"there is no folder {named}.");
        try
        {
            return new DiskResultCache(named);
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            throw new UsageException(error.Message);
        }
    }

    // The cache says why it cannot be used in its first failure, and that it cannot in its exception.
    private static T Tried<T>(DiskResultCache cache, Func<T> work)
    {
        string? why = null;
        cache.Failed += failure => why ??= failure.Message;
        try
        {
            return work();
        }
        catch (IOException error)
        {
            throw new UsageException(why ?? error.Message);
        }
    }

    private static string Count(int results) => string.Create(CultureInfo.InvariantCulture, $"{results} {(results == 1 ? "result" : "results")}");

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MB"),
    };
}
