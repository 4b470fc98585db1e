namespace Samovar.Cli.Map.Methods;

/// <summary>A result, or a part of it, has a run-time type whose values cannot be written completely.</summary>
/// <param name="type">The run-time type.</param>
/// <param name="reason">Why they cannot be written, phrased to follow the type's name.</param>
internal sealed class UnwritableResultException(Type type, string reason) : Exception($"The result cannot be written: a {Name(type)} {reason}.")
{
    // The task of an async method is an instance of an internal runtime class. The message names its visible base class.
    private static string Name(Type type)
    {
        if (typeof(Task).IsAssignableFrom(type))
        {
            while (!type.IsVisible) type = type.BaseType!;
        }

        return TypeText.Of(type);
    }
}
