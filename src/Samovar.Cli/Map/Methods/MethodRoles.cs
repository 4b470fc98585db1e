using System.Collections;
using System.Reflection;

namespace Samovar.Cli.Map.Methods;

/// <summary>What each parameter of a method is for: one takes the item, others may take a token, progress, or their default.</summary>
internal sealed class MethodRoles
{
    private string? _signature; // where its own cannot be read

    private MethodRoles(MethodInfo method, ParameterInfo? item, string? misfit)
    {
        Method = method;
        Item = item;
        Misfit = misfit;
    }

    public MethodInfo Method { get; }

    /// <summary>The parameter that takes the item; null where the method does not fit.</summary>
    public ParameterInfo? Item { get; }

    /// <summary>Why it cannot be mapped over items, in words that follow the method's name; null where it fits.</summary>
    public string? Misfit { get; }

    /// <summary>The type of the result without the task around it; null for none.</summary>
    public Type? Result => ResultOf(Method.ReturnType);

    public static MethodRoles Of(MethodInfo method)
    {
        try
        {
            return Look(method);
        }
        catch (Exception e) when (e is IOException or TypeLoadException or BadImageFormatException)
        {
            // Of a package that is not beside the target; other methods may do without it.
            return new MethodRoles(method, null, $"has a type that cannot be loaded: {e.Message}")
            {
                _signature = $"{TypeText.Of(method.DeclaringType!)}.{method.Name}(…)",
            };
        }
    }

    private static MethodRoles Look(MethodInfo method)
    {
        if (method.ContainsGenericParameters) return Not("is generic: write a method for the type you mean");

        ParameterInfo? item = null;
        foreach (ParameterInfo parameter in method.GetParameters())
        {
            if (IsToken(parameter.ParameterType) || IsProgress(parameter.ParameterType)) continue;
            if (item is not null && parameter.HasDefaultValue) continue;
            if (item is not null)
                return Not($"takes several values ('{item.Name}' and '{parameter.Name}'): take one record with both, or give '{parameter.Name}' a default");
            item = parameter;
        }

        if (item is null) return Not("takes no item");
        if (ItemParsers.WhyNot(item.ParameterType) is { } why) return Not($"takes '{item.Name}', and {why}");
        if (method.ReturnType.IsByRef || method.ReturnType.IsByRefLike) return Not("returns a reference");
        if (ResultOf(method.ReturnType) is { } result)
        {
            if (IsStream(result)) return Not("returns a stream: return an array, or a list");
            if (result == typeof(Task) || result == typeof(ValueTask) || Awaitable.Of(result) is not null)
                return Not($"returns a {TypeText.Of(result)} in another task: await it in the method, and return what it brings");
        }

        return new MethodRoles(method, item, null);

        MethodRoles Not(string reason) => new(method, null, reason);
    }

    public static bool IsToken(Type type) => type == typeof(CancellationToken);

    public static bool IsProgress(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IProgress<>);

    /// <summary>Whether a value has to be read to its end, and is more than one result.</summary>
    public static bool IsStream(Type type) =>
        !typeof(IEnumerable).IsAssignableFrom(type)
        && (typeof(IEnumerator).IsAssignableFrom(type) || Array.Exists([type, .. type.GetInterfaces()], static t => t.IsGenericType
            && (t.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>) || t.GetGenericTypeDefinition() == typeof(IObservable<>))));

    /// <summary>As C# would write it, with short type names.</summary>
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
