using System.Collections;
using System.Reflection;

namespace Samovar.Cli.Map.Methods;

/// <summary>The role of each parameter of a method: one takes the item; others may take a cancellation token, a progress sink or their default
/// value.</summary>
internal sealed class MethodRoles
{
    private string? _signature; // replaces the signature if a type in it cannot be loaded

    private MethodRoles(MethodInfo method, ParameterInfo? item, string? misfit)
    {
        Method = method;
        Item = item;
        Misfit = misfit;
    }

    public MethodInfo Method { get; }

    /// <summary>The parameter that takes the item; null if the method cannot be mapped over items.</summary>
    public ParameterInfo? Item { get; }

    /// <summary>Why the method cannot be mapped over items, phrased to follow its name; null if it can.</summary>
    public string? Misfit { get; }

    /// <summary>The type of the result, for an awaitable the type of its awaited result; null if there is no result.</summary>
    public Type? Result => ResultOf(Method.ReturnType);

    /// <summary>Determines the roles of a method's parameters, or why the method cannot be mapped.</summary>
    public static MethodRoles Of(MethodInfo method)
    {
        try
        {
            return Look(method);
        }
        catch (Exception e) when (e is IOException or TypeLoadException or BadImageFormatException)
        {
            // The signature uses a package that is not in the target's folder. Other methods may not need it.
            return new MethodRoles(method, null, $"has a type that cannot be loaded: {e.Message}")
            {
                _signature = $"{TypeText.Of(method.DeclaringType!)}.{method.Name}(…)",
            };
        }
    }

    private static MethodRoles Look(MethodInfo method)
    {
        if (method.ContainsGenericParameters) return Not("is generic: write a non-generic method for the type you need");

        ParameterInfo? item = null;
        foreach (ParameterInfo parameter in method.GetParameters())
        {
            if (IsToken(parameter.ParameterType) || IsProgress(parameter.ParameterType)) continue;
            if (item is not null && parameter.HasDefaultValue) continue;
            if (item is not null)
            {
                return Not($"takes several values ('{item.Name}' and '{parameter.Name}'): take one record with both, "
                    + $"or give '{parameter.Name}' a default value");
            }

            item = parameter;
        }

        if (item is null) return Not("has no parameter for the item");
        if (ItemParsers.WhyNot(item.ParameterType) is { } why) return Not($"takes '{item.Name}', and {why}");
        if (method.ReturnType.IsByRef || method.ReturnType.IsByRefLike) return Not("returns a ref or a ref struct");
        if (ResultOf(method.ReturnType) is { } result)
        {
            if (IsStream(result)) return Not("returns a stream: return an array or a list");
            if (result == typeof(Task) || result == typeof(ValueTask) || Awaitable.Of(result) is not null)
                return Not($"returns a {TypeText.Of(result)} inside another task: await it in the method and return its result");
        }

        return new MethodRoles(method, item, null);

        MethodRoles Not(string reason) => new(method, null, reason);
    }

    public static bool IsToken(Type type) => type == typeof(CancellationToken);

    public static bool IsProgress(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IProgress<>);

    /// <summary>Whether the type is an enumerator, async sequence or observable: several results that must be read to their end.</summary>
    public static bool IsStream(Type type) =>
        !typeof(IEnumerable).IsAssignableFrom(type)
        && (typeof(IEnumerator).IsAssignableFrom(type) || Array.Exists([type, .. type.GetInterfaces()], static t => t.IsGenericType
            && (t.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>) || t.GetGenericTypeDefinition() == typeof(IObservable<>))));

    /// <summary>Returns the signature in C# syntax, with short type names.</summary>
    public override string ToString() => _signature ??
        $"{TypeText.Of(Method.ReturnType)} {TypeText.Of(Method.DeclaringType!)}.{Method.Name}("
        + $"{string.Join(", ", Method.GetParameters().Select(p => $"{TypeText.Of(p.ParameterType)} {p.Name}"))})";

    private static Type? ResultOf(Type returned)
    {
        if (returned == typeof(void) || returned == typeof(Task) || returned == typeof(ValueTask)) return null;
        if (returned.IsGenericType && returned.GetGenericTypeDefinition() is { } open && (open == typeof(Task<>) || open == typeof(ValueTask<>)))
            return Awaitable.IsNothing(returned.GetGenericArguments()[0]) ? null : returned.GetGenericArguments()[0];
        return Awaitable.Of(returned) is { } awaitable ? awaitable.Result : returned;
    }
}
