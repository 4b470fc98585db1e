namespace Samovar.Ipc.Shared;

/// <summary>Addition for element types that the processor does not add in memory by itself.</summary>
internal static class SharedArithmetic<T>
{
    /// <summary>Old value and amount to new value.</summary>
    /// <exception cref="NotSupportedException">The type cannot be added.</exception>
    public static Func<T, T, T> Add { get; } = Find();

    private static Func<T, T, T> Find()
    {
        if (typeof(T) == typeof(float)) return (Func<T, T, T>)(object)(Func<float, float, float>)(static (a, b) => a + b);
        if (typeof(T) == typeof(double)) return (Func<T, T, T>)(object)(Func<double, double, double>)(static (a, b) => a + b);
        if (typeof(T) == typeof(TimeSpan)) return (Func<T, T, T>)(object)(Func<TimeSpan, TimeSpan, TimeSpan>)(static (a, b) => a + b);
        return static (_, _) => throw new NotSupportedException($"{typeof(T)} is not added in one step; use Update.");
    }
}
