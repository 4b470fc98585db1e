using Samovar.Primitives;

namespace Samovar.Processes.Worker;

/// <summary>The most common types of results. Because they are named here, the code that runs their tasks is in the library's precompiled image;
/// for other types it is compiled in each worker, which takes some milliseconds with the first task.</summary>
internal static class CommonResults
{
    /// <summary>Returns the invoker for a common type; null for every other type.</summary>
    public static TaskInvoker? InvokerOf(Type result)
    {
        if (result == typeof(NoResult)) return Make<NoResult>();
        if (result == typeof(int)) return Make<int>();
        if (result == typeof(long)) return Make<long>();
        if (result == typeof(double)) return Make<double>();
        if (result == typeof(bool)) return Make<bool>();
        return result == typeof(string) ? Make<string>() : null;
    }

    private static TaskInvoker<T> Make<T>() => new();
}
