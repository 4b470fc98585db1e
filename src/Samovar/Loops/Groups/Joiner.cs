namespace Samovar;

/// <summary>Creates the common <see cref="Joiner{T, TResult}"/>s.</summary>
public static class Joiner
{
    /// <summary>Returns a joiner for all results, in the order in which the tasks were started. The first failure cancels the remaining tasks and is
    /// thrown.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    /// <returns>The joiner.</returns>
    public static Joiner<T, IReadOnlyList<T>> AllSucceed<T>() => new AllSucceeding<T>();

    /// <summary>Returns a joiner for the first result; the remaining tasks are cancelled. If all tasks fail, an <see cref="AggregateException"/> with
    /// their errors is thrown.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    /// <returns>The joiner.</returns>
    public static Joiner<T, T> FirstSuccess<T>() => new FirstSucceeding<T>();

    /// <summary>Returns a joiner for the outcome of every task, in the order in which the tasks were started. A failure cancels nothing.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    /// <returns>The joiner.</returns>
    public static Joiner<T, IReadOnlyList<Outcome<T>>> GatherAll<T>() => new Gathering<T>();

    /// <summary>Returns a joiner for the first <paramref name="count"/> results, in the order in which their tasks were started; the remaining tasks
    /// are cancelled. If there are fewer results, an <see cref="AggregateException"/> with the errors is thrown.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    /// <param name="count">The number of results that are needed; at least 1.</param>
    /// <returns>The joiner.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
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

            throw new AggregateException($"All {outcomes.Count} tasks failed.", Errors(outcomes));
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
                : throw new AggregateException($"{results.Length} of {outcomes.Count} tasks succeeded, but {count} were needed.", Errors(outcomes));
        }
    }
}
