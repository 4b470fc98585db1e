using System.Collections.Concurrent;

namespace Samovar.Cli.Map.Methods;

/// <summary>Awaits results whose run-time type is awaitable although their declared type is not: a method that returns <c>object</c> may return a
/// task.</summary>
internal static class PendingResults
{
    private const int MaxAwaits = 8; // bounds the loop for an awaitable whose result is itself

    private static readonly ConcurrentDictionary<Type, Awaitable?> s_ofRunTimeType = new();

    /// <summary>Whether a value of the declared type can have a derived run-time type that is awaitable.</summary>
    public static bool MayBe(Type declared) => (declared.IsClass || declared.IsInterface) && !declared.IsSealed;

    /// <summary>Whether the run-time type of a value is awaitable.</summary>
    public static bool Is(object? value) => value is not null && Of(value) is not null;

    /// <summary>Awaits a value, then its result for as long as the result is awaitable too, and formats the last result.</summary>
    /// <param name="value">A value for which <see cref="Is"/> is true.</param>
    /// <param name="form">The format of the result.</param>
    /// <param name="cancellation">The item's token.</param>
    /// <returns>The text; null if no line is written for the last result.</returns>
    /// <exception cref="UnwritableResultException">The result is still awaitable after <see cref="MaxAwaits"/> awaits.</exception>
    public static async Task<string?> FinishAsync(object value, ResultForm form, CancellationToken cancellation)
    {
        object? result = value;
        for (int awaits = 0; result is not null && Of(result) is { } awaitable; awaits++)
        {
            if (awaits == MaxAwaits)
                throw new UnwritableResultException(result.GetType(), $"is still awaitable after {MaxAwaits} awaits; await it in the method");
            result = await awaitable.RunAsync(result, cancellation).ConfigureAwait(false);
            if (awaitable.Result is null) return null;
        }

        return ResultTexts.For<object?>(form)(result);
    }

    private static Awaitable? Of(object value) => s_ofRunTimeType.GetOrAdd(value.GetType(), Awaitable.Of);
}
