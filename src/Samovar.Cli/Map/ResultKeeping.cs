using System.Security.Cryptography;
using System.Text;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell;
using Samovar.Executors.Caching;
using Samovar.Serialization.Closures;

namespace Samovar.Cli.Map;

/// <summary>Keeps the results of a map in a cache.</summary>
internal static class ResultKeeping
{
    /// <summary>The largest output of a command that is kept, in bytes: keeping needs it in memory.</summary>
    private const long MostKept = 64 << 20;

    /// <summary>Opens the cache.</summary>
    /// <exception cref="UsageException">The folder is a file.</exception>
    public static DiskResultCache Open(string? folder, Action<string> say)
    {
        try
        {
            var cache = new DiskResultCache(folder);
            cache.Failed += failure => say($"samovar: {failure.Message}");
            return cache;
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            throw new UsageException(error.Message);
        }
    }

    /// <summary>Returns a hash over the contents of files; nothing for no files.</summary>
    /// <exception cref="UsageException">A file cannot be read.</exception>
    public static byte[] HashOf(IReadOnlyList<string> files)
    {
        if (files.Count == 0) return [];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in files)
        {
            try
            {
                using FileStream file = File.OpenRead(path);
                hash.AppendData(SHA256.HashData(file));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UsageException(Directory.Exists(path)
                    ? $"--cache-depends-on takes files, and {path} is a folder. Name the files in it."
                    : $"--cache-depends-on cannot read {path}: {error.Message}");
            }
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Returns options with which a map of a method uses the cache: by its code, the item's text and, where items are files, their size and last
    /// change.</summary>
    /// <param name="options">The options of the map.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="method">The method.</param>
    /// <param name="items">How items are parsed.</param>
    /// <param name="results">How results are formatted.</param>
    /// <param name="areFiles">Whether each item is the path of a file.</param>
    /// <param name="others">What the results depend on besides.</param>
    public static MapOptions With(
        MapOptions options, DiskResultCache cache, MethodRoles method, ItemFormat items, ResultForm results, bool areFiles, byte[] others)
    {
        byte[] function = SHA256.HashData([.. CodeIdentity.Of(method.Method), (byte)items, (byte)results, .. others]);
        return options with
        {
            Cache = cache,
            CacheRules = new MapCacheRules<InputItem, ItemReport>(
                $"{method}", item => KeyOf(function, item, areFiles), Kept, static (_, report) => report with { IsFromCache = true }),
        };
    }

    /// <summary>Returns options with which a map of a command uses the cache.</summary>
    /// <param name="options">The options of the map.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="name">The command.</param>
    /// <param name="keys">The keys of items.</param>
    /// <param name="shape">How the values of an item are found.</param>
    public static MapOptions With(MapOptions options, DiskResultCache cache, string name, CommandKeys keys, ItemShape shape)
    {
        string line = string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)); // samovar cache list has a line for each name
        return options with
        {
            Cache = cache,
            CacheRules = new MapCacheRules<InputItem, ItemReport>(line, keys.KeyOf, KeptOutput, (item, report) => Restored(item, report, shape)),
        };
    }

    /// <summary>Passes outcomes on, and closes the cache after the last.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="end">Called after the last outcome; null for nothing.</param>
    public static async IAsyncEnumerable<Outcome<InputItem, ItemReport>> Closing(
        DiskResultCache cache, IAsyncEnumerable<Outcome<InputItem, ItemReport>> outcomes, Action? end = null)
    {
        using (cache)
        {
            await foreach (var outcome in outcomes) yield return outcome;
            end?.Invoke();
        }
    }

    private static ResultCacheKey? KeyOf(byte[] function, InputItem item, bool areFiles)
    {
        if (item.IsBroken) return null;
        string? state = areFiles ? FileState.Of(item.Text) : "";
        return state is null ? null : new ResultCacheKey(SHA256.HashData([.. function, .. Encoding.UTF8.GetBytes(state + item.Text)]));
    }

    // The times and the worker belong to the run that computed the result.
    private static (bool, ItemReport) Kept(ItemReport report) =>
        (report.Status == ItemStatus.Succeeded, report with { Started = 0, Elapsed = 0, Worker = 0, Attempt = 1 });

    private static (bool, ItemReport) KeptOutput(ItemReport report)
    {
        if (report is not { Status: ItemStatus.Succeeded, Command: { } result } || result.Output.Length + result.Errors.Length > MostKept) return (false, report);
        (_, ItemReport kept) = Kept(report);
        return (true, kept with { Command = result with { Tag = "", Output = result.Output.InMemory(), Errors = result.Errors.InMemory() } });
    }

    // Items with the same key may have different texts, because a command need not use all of an item.
    private static ItemReport Restored(InputItem item, ItemReport report, ItemShape shape) => report with
    {
        IsFromCache = true,
        Command = report.Command! with
        {
            Tag = new ItemValues(item, shape, slot: 0).Tag,
            Output = report.Command.Output.InFile(),
            Errors = report.Command.Errors.InFile(),
        },
    };
}
