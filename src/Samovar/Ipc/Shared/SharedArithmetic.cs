namespace Samovar.Ipc.Shared;

/// <summary>Addition for element types that the processor does not add in memory.</summary>
internal static class SharedArithmetic<T>
{
    /// <summary>Computes the new value from the current value and the amount.</summary>
    /// <exception cref="NotSupportedException">The type does not support addition.</exception>
    public static Func<T, T, T> Add { get; } = Find();

    private static Func<T, T, T> Find()
    {
        if (typeof(T) == typeof(float)) return (Func<T, T, T>)(object)(Func<float, float, float>)(static (a, b) => a + b);
        if (typeof(T) == typeof(double)) return (Func<T, T, T>)(object)(Func<double, double, double>)(static (a, b) => a + b);
        if (typeof(T) == typeof(TimeSpan)) return (Func<T, T, T>)(object)(Func<TimeSpan, TimeSpan, TimeSpan>)(static (a, b) => a + b);
        return static (_, _) => throw new NotSupportedException($"{typeof(T)} does not support addition. Use Update.");
    }
}
