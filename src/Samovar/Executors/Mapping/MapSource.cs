using System.Diagnostics.CodeAnalysis;

namespace Samovar.Executors.Mapping;

/// <summary>The items of a map, from either kind of sequence.</summary>
internal readonly record struct MapSource<T>(IEnumerable<T>? Synchronous, IAsyncEnumerable<T>? Asynchronous)
{
    /// <summary>How many items there are, if that is known without enumerating them; otherwise null.</summary>
    public long? Count
    {
        [SuppressMessage("Design", "CA1031", Justification = "The collection is code of the program, and an estimate must not fail the map.")]
        get
        {
            try
            {
                return Synchronous?.TryGetNonEnumeratedCount(out int count) == true ? count : null;
            }
            catch (Exception)
            {
                return null; // if the collection is broken, its enumeration throws
            }
        }
    }
}
