namespace Samovar.Processes.Launch;

/// <summary>Validates the options of worker processes, for public options and for <see cref="WorkerStartOptions"/>. Each method returns the value,
/// or throws an exception with the name of the property and its range.</summary>
internal static class WorkerStartRules
{
    private const long LeastHeap = 16 * 1024 * 1024;
    private const int LargestCore = 1023;

    /// <exception cref="ArgumentOutOfRangeException">The value is less than 16 MiB.</exception>
    public static long? RequireMemory(long? bytes, string name)
    {
        if (bytes is { } limit) ArgumentOutOfRangeException.ThrowIfLessThan(limit, LeastHeap, name);
        return bytes;
    }

    /// <exception cref="ArgumentOutOfRangeException">The value is less than -20 or greater than 19.</exception>
    public static int RequireNiceness(int niceness, string name) => niceness is >= -20 and <= 19
        ? niceness
        : throw new ArgumentOutOfRangeException(name, niceness, $"{name} must be from -20 to 19.");

    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 0 or greater than 1,023.</exception>
    public static IReadOnlyList<int> RequireCores(IReadOnlyList<int> cores, string name)
    {
        ArgumentNullException.ThrowIfNull(cores, name);
        foreach (int core in cores)
        {
            if (core is < 0 or > LargestCore)
                throw new ArgumentOutOfRangeException(name, core, "The number of a processor must be from 0 to 1,023.");
        }

        return cores;
    }

    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentException">A name is empty, or contains "=" or a null character.</exception>
    public static IReadOnlyDictionary<string, string?> RequireEnvironment(IReadOnlyDictionary<string, string?> environment, string name)
    {
        ArgumentNullException.ThrowIfNull(environment, name);
        foreach (string variable in environment.Keys)
        {
            if (variable.Length == 0 || variable.AsSpan().ContainsAny('=', '\0'))
                throw new ArgumentException($"'{variable}' is not a valid name of an environment variable.", name);
        }

        return environment;
    }
}
