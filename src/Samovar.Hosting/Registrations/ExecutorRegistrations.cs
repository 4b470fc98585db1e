namespace Samovar.Hosting.Registrations;

/// <summary>The executors that were added to the services of a host, in that order. Complete before the container exists.</summary>
internal sealed class ExecutorRegistrations
{
    private readonly List<ExecutorRegistration> _all = [];
    private readonly List<NodeRegistration> _nodes = [];

    public SamovarHostingOptions Options { get; set; } = new();

    public IReadOnlyList<ExecutorRegistration> All => _all;

    public IReadOnlyList<NodeRegistration> Nodes => _nodes;

    /// <summary>Adds an executor.</summary>
    /// <exception cref="ArgumentException">The name, or the section of its configuration, is in use.</exception>
    public void Add(ExecutorRegistration registration) => Add(_all, registration);

    /// <summary>Adds a node.</summary>
    /// <exception cref="ArgumentException">The name, or the section of its configuration, is in use.</exception>
    public void Add(NodeRegistration registration) => Add(_nodes, registration);

    /// <summary>Returns the executor that is the service without a key: the one without a name, or the first of its type.</summary>
    public ExecutorRegistration PlainOf(Type type) =>
        _all.Where(registration => type.IsAssignableFrom(registration.ExecutorType)).OrderBy(static registration => registration.Name.Length > 0).First();

    /// <summary>Creates the error for a name that has no executor, or one of another type.</summary>
    public InvalidOperationException Unknown(Type type, object? key)
    {
        var other = _all.Find(registration => key is string name && registration.Name == name);
        return new InvalidOperationException(other is not null
            ? $"Executor '{key}' is a {other.ExecutorType.Name}, not a {type.Name}. Resolve it as {other.ExecutorType.Name} or as Executor."
            : $"There is no executor '{key}'. The registered executors are {Known()}. Add it with services.AddSamovar(), or correct the name.");
    }

    public string Known() => Known(_all);

    /// <summary>Lists names for errors and logs.</summary>
    public static string Known(IReadOnlyCollection<Registration> registrations) =>
        registrations.Count == 0 ? "none" : string.Join(", ", registrations.Select(static registration => $"'{registration.Name}'"));

    private static void Add<T>(List<T> all, T registration)
        where T : Registration
    {
        if (all.Find(other => string.Equals(other.Section, registration.Section, StringComparison.OrdinalIgnoreCase)) is { } other)
        {
            string what = registration.What;
            throw new ArgumentException(
                $"{char.ToUpperInvariant(what[0])}{what[1..]} '{registration.Name}' cannot be added: "
                + $"{(other.Name == registration.Name ? "that name is in use" : $"it would share the configuration section '{registration.Section}' with {what} '{other.Name}'")}. "
                + $"The registered {what}s are {Known(all)}.",
                nameof(registration));
        }

        all.Add(registration);
    }
}
