namespace Samovar;

/// <summary>What became of the items of a <see cref="MapChunk{T, TResult}"/>, from the first to the last that ran.</summary>
/// <param name="values">A value for each; meaningless where there is an error.</param>
/// <param name="errors">The errors by their item's place, ascending; null for none.</param>
internal sealed class MapChunkResult<TResult>(TResult[] values, (int Index, Exception Error)[]? errors = null) : PartialResult
{
    public TResult[] Values => values;

    public (int Index, Exception Error)[]? Errors => errors;

    /// <inheritdoc/>
    public override object ReplaceWhere(Func<object?, Exception?> refused)
    {
        var kept = (TResult[])values.Clone();
        var all = new SortedList<int, Exception>();
        foreach (var (index, error) in errors ?? []) all[index] = error;
        for (int i = 0; i < kept.Length; i++)
        {
            if (all.ContainsKey(i) || refused(kept[i]) is not { } why) continue;
            all[i] = why;
            kept[i] = default!;
        }

        return new MapChunkResult<TResult>(kept, [.. all.Select(static e => (e.Key, e.Value))]);
    }
}
