namespace Samovar.Cli.Map.Methods;

/// <summary>A result, or a part of it, has a run-time type whose values cannot be written whole.</summary>
/// <param name="type">The run-time type.</param>
/// <param name="reason">Why not, in words that follow the type's name.</param>
internal sealed class UnwritableResultException(Type type, string reason) : Exception($"The result cannot be written: a {Name(type)} {reason}.")
{
    // The class of an async method's task is the runtime's own; its base says what it is.
    private static string Name(Type type)
    {
        if (typeof(Task).IsAssignableFrom(type))
        {
            while (!type.IsVisible) type = type.BaseType!;
        }

        return TypeText.Of(type);
    }
}
