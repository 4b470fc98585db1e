namespace Samovar;

/// <summary>The usual <see cref="Joiner{T, TResult}"/>s.</summary>
public static class Joiner
{
    /// <summary>All results, in the order of start. The first failure cancels the rest and comes out.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    public static Joiner<T, IReadOnlyList<T>> AllSucceed<T>() => new AllSucceeding<T>();

    /// <summary>The first result; the rest is cancelled. If all fail, their errors come out in an <see cref="AggregateException"/>.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    public static Joiner<T, T> FirstSuccess<T>() => new FirstSucceeding<T>();

    /// <summary>Every task's own outcome, in the order of start. A failure cancels nothing.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    public static Joiner<T, IReadOnlyList<Outcome<T>>> GatherAll<T>() => new Gathering<T>();

    /// <summary>The first <paramref name="count"/> results, in the order of start; the rest is cancelled. If there are fewer, the errors come out in
    /// an <see cref="AggregateException"/>.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    /// <param name="count">How many results are needed; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public static Joiner<T, IReadOnlyList<T>> Quorum<T>(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new Needing<T>(count);
    }

    private static IEnumerable<Outcome<T>> InOrder<T>(IEnumerable<Outcome<T>> outcomes) => outcomes.OrderBy(static outcome => outcome.LongIndex);

    private static IEnumerable<Exception> Errors<T>(IReadOnlyList<Outcome<T>> outcomes) =>
        outcomes.Where(static outcome => !outcome.IsSuccess).Select(static outcome => outcome.Error!);

    private sealed class AllSucceeding<T> : Joiner<T, IReadOnlyList<T>>
    {
        public override bool IsDecided(JoinProgress progress) => progress.Failed > 0;

        public override IReadOnlyList<T> Decide(IReadOnlyList<Outcome<T>> outcomes)
        {
            Exception[] errors = [.. Errors(outcomes)];
            return errors.Length > 1
                ? throw new AggregateException($"{errors.Length} tasks failed.", errors)
                : [.. InOrder(outcomes).Select(static outcome => outcome.Value)];
        }
    }

    private sealed class FirstSucceeding<T> : Joiner<T, T>
    {
        public override bool IsDecided(JoinProgress progress) => progress.Succeeded > 0;

        public override T Decide(IReadOnlyList<Outcome<T>> outcomes)
        {
            foreach (var outcome in outcomes)
            {
                if (outcome.IsSuccess) return outcome.Value;
            }

            throw new AggregateException($"None of {outcomes.Count} tasks succeeded.", Errors(outcomes));
        }
    }

    private sealed class Gathering<T> : Joiner<T, IReadOnlyList<Outcome<T>>>
    {
        public override bool IsDecided(JoinProgress progress) => false;

        public override IReadOnlyList<Outcome<T>> Decide(IReadOnlyList<Outcome<T>> outcomes) => [.. InOrder(outcomes)];
    }

    private sealed class Needing<T>(int count) : Joiner<T, IReadOnlyList<T>>
    {
        public override bool IsDecided(JoinProgress progress) => progress.Succeeded >= count;

        public override IReadOnlyList<T> Decide(IReadOnlyList<Outcome<T>> outcomes)
        {
            T[] results = [.. InOrder(outcomes.Where(static outcome => outcome.IsSuccess).Take(count)).Select(static outcome => outcome.Value)];
            return results.Length == count
                ? results
                : throw new AggregateException($"{results.Length} of {outcomes.Count} tasks succeeded where {count} were needed.", Errors(outcomes));
        }
    }
}
