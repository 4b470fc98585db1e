using System.Runtime.InteropServices;

namespace Samovar;

/// <content>Combining the results of many tasks.</content>
public static partial class ExecutorExtensions
{
    /// <summary>Combines the results of tasks in pairs, and the combined values again, until one is left. Each combination is a task of this executor,
    /// which starts when its two inputs are there.</summary>
    /// <remarks>The tree has the depth log₂ n, so that combinations run concurrently, also while other inputs are still running. The order of the
    /// inputs is kept: <paramref name="combine"/> must be associative, but need not be commutative. If an input fails, the result fails with
    /// <see cref="InputFailedException"/>.</remarks>
    /// <typeparam name="T">The type of the results.</typeparam>
    /// <param name="executor">The executor that combines the results.</param>
    /// <param name="inputs">The tasks, of any executors; at least one.</param>
    /// <param name="combine">Combines two neighbouring values.</param>
    /// <param name="options">The options of each combination; null for the defaults.</param>
    /// <returns>The future of the last combination, or the only input.</returns>
    /// <exception cref="ArgumentNullException">An argument or an input is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="inputs"/> is empty.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full, and <see cref="QueueFullMode.Reject"/> is set.</exception>
    /// <example>
    /// <code>
    /// string[] words = ["tea", "pot", "lid"];
    /// Future&lt;string>[] shouted = [.. words.Select(word => executor.Submit(() => word.ToUpperInvariant()))];
    /// string all = await executor.Aggregate(shouted, (left, right) => left + right); // TEAPOTLID
    /// </code>
    /// </example>
    public static Future<T> Aggregate<T>(
        this Executor executor, IEnumerable<Future<T>> inputs, Func<T, T, T> combine, TaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(combine);
        List<Future<T>> level = [.. inputs];
        if (level.Count == 0) throw new ArgumentException("There is nothing to combine: the sequence of inputs is empty.", nameof(inputs));
        if (level.Contains(null!)) throw new ArgumentNullException(nameof(inputs), $"Input {level.IndexOf(null!) + 1} of {level.Count} is null.");
        while (level.Count > 1)
        {
            int pairs = level.Count / 2;
            for (int i = 0; i < pairs; i++) level[i] = executor.Submit(level[2 * i], level[(2 * i) + 1], combine, options);
            if (level.Count % 2 == 1) level[pairs++] = level[^1];
            CollectionsMarshal.SetCount(level, pairs);
        }

        return level[0];
    }

    /// <summary>Runs a function for each item, and combines the results in pairs: see <see cref="Aggregate"/>.</summary>
    /// <remarks>Each item is a task, and so is each combination. For items that take microseconds, use <c>Map</c>, which sends items in batches, and combine
    /// its results in the caller.</remarks>
    /// <typeparam name="TItem">The type of the items.</typeparam>
    /// <typeparam name="TResult">The type of the results.</typeparam>
    /// <param name="executor">The executor that runs the tasks.</param>
    /// <param name="items">The items; at least one. The sequence is enumerated within the call.</param>
    /// <param name="map">The function that runs for each item.</param>
    /// <param name="combine">Combines two neighbouring results; must be associative.</param>
    /// <param name="options">The options of each task; null for the defaults.</param>
    /// <returns>The future of the combined result.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="items"/> is empty.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full, and <see cref="QueueFullMode.Reject"/> is set.</exception>
    /// <example>
    /// <code>
    /// int squares = await executor.MapReduce(Enumerable.Range(1, 10), number => number * number, (left, right) => left + right); // 385
    /// </code>
    /// </example>
    public static Future<TResult> MapReduce<TItem, TResult>(
        this Executor executor, IEnumerable<TItem> items, Func<TItem, TResult> map, Func<TResult, TResult, TResult> combine, TaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(combine);
        return executor.Aggregate([.. items.Select(item => executor.Submit(Bind(map, item), options))], combine, options);

        // A closure of its own: one that also captured this executor could not be sent.
        static Func<TResult> Bind(Func<TItem, TResult> map, TItem item) => () => map(item);
    }
}
