using System.Diagnostics.CodeAnalysis;

namespace Samovar.Executors.Mapping;

/// <summary>The items of a map, from either kind of sequence.</summary>
internal readonly record struct MapSource<T>(IEnumerable<T>? Synchronous, IAsyncEnumerable<T>? Asynchronous)
{
    /// <summary>The collection that an asynchronous sequence is made of, if its items can be counted.</summary>
    public IEnumerable<T>? Counted { get; init; }

    /// <summary>How many items there are, if that is known without enumerating them; otherwise null.</summary>
    public long? Count
    {
        [SuppressMessage("Design", "CA1031", Justification = "The collection is code of the program, and an estimate must not fail the map.")]
        get
        {
            try
            {
                return (Synchronous ?? Counted)?.TryGetNonEnumeratedCount(out int count) == true ? count : null;
            }
            catch (Exception)
            {
                return null; // if the collection is broken, its enumeration throws
            }
        }
    }
}
