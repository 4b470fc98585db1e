using Samovar.Executors.Mapping;

namespace Samovar.Processes.Worker;

/// <summary>The commonest types of results. Named here, the code that runs their tasks is in the library's precompiled image; that of other
/// types is compiled in each worker, some milliseconds with its first task.</summary>
internal static class CommonResults
{
    /// <summary>The maker for such a type; null for every other.</summary>
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
