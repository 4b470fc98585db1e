using System.Collections.Concurrent;

namespace Samovar.Cli.Map.Methods;

/// <summary>Awaits results whose declared type does not say that they are awaitable: a method that returns <c>object</c> may return a task.</summary>
internal static class PendingResults
{
    private const int MaxAwaits = 8; // bounds an awaitable that results in itself

    private static readonly ConcurrentDictionary<Type, Awaitable?> s_ofRunTimeType = new();

    /// <summary>Whether values of a declared type can be of a type that adds an awaiter.</summary>
    public static bool MayBe(Type declared) => (declared.IsClass || declared.IsInterface) && !declared.IsSealed;

    /// <summary>Whether a value is awaitable, by its run-time type.</summary>
    public static bool Is(object? value) => value is not null && Of(value) is not null;

    /// <summary>Awaits a value, then its result while that is awaitable too, and formats the last result.</summary>
    /// <param name="value">A value for which <see cref="Is"/> is true.</param>
    /// <param name="form">How the result is written.</param>
    /// <param name="cancellation">The item's token.</param>
    /// <returns>The text; null where the last awaitable has no result.</returns>
    /// <exception cref="UnwritableResultException">The result is still awaitable after <see cref="MaxAwaits"/> awaits.</exception>
    public static async Task<string?> FinishAsync(object value, ResultForm form, CancellationToken cancellation)
    {
        object? result = value;
        for (int awaits = 0; result is not null && Of(result) is { } awaitable; awaits++)
        {
            if (awaits == MaxAwaits)
                throw new UnwritableResultException(result.GetType(), $"still has to be awaited after {MaxAwaits} awaits; await it in the method");
            result = await awaitable.RunAsync(result, cancellation).ConfigureAwait(false);
            if (awaitable.Result is null) return null;
        }

        return ResultTexts.For<object?>(form)(result);
    }

    private static Awaitable? Of(object value) => s_ofRunTimeType.GetOrAdd(value.GetType(), Awaitable.Of);
}
