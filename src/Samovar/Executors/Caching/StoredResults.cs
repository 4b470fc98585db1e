using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Executors.Caching;

/// <summary>Reads and writes results as a cache keeps them: in the shipping format.</summary>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class StoredResults
{
    /// <summary>Reads a result. Whatever cannot be read is a miss: it is computed, and replaces what was stored.</summary>
    public static bool TryGet<TResult>(ResultCache cache, ResultCacheKey key, [MaybeNullWhen(false)] out TResult result)
    {
        try
        {
            if (cache.TryGet(key, out byte[]? bytes))
            {
                result = Shipping.Unpack<TResult>(bytes);
                cache.CountHit();
                return true;
            }
        }
        catch (BuildMismatchException)
        {
            // The result is of a type of the program that was rebuilt since: it is computed again. Nothing is wrong with the cache.
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            cache.ReportFailure(new ResultCacheFailure($"A stored result (key {key}) cannot be read, and is computed again: {error.Message}", error));
        }

        cache.CountMiss();
        result = default;
        return false;
    }

    /// <summary>Stores a result.</summary>
    public static void Set<TResult>(ResultCache cache, ResultCacheKey key, string name, TResult result)
    {
        try
        {
            cache.Set(key, name, Shipping.Pack(result));
        }
        catch (UnshippableException error)
        {
            cache.ReportFailure(new ResultCacheFailure(
                $"A result of '{name}' is not stored, because it cannot be serialized: {error.Message} Return a value that can travel, or do not cache the function.", error));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            cache.ReportFailure(new ResultCacheFailure($"A result of '{name}' could not be stored: {error.Message}", error));
        }
    }
}
