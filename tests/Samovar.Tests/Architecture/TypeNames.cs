using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Tests.Architecture;

/// <summary>Writes types as C# does, with keywords, type arguments and nullability, without namespaces.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(char)] = "char",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string Of(ParameterInfo parameter) =>
        Write(parameter.ParameterType, new(parameter.GetCustomAttributesData(), parameter.Member));

    public static string Of(PropertyInfo property) =>
        Write(property.PropertyType, new(property.GetCustomAttributesData(), property.DeclaringType));

    public static string Of(FieldInfo field) => Write(field.FieldType, new(field.GetCustomAttributesData(), field.DeclaringType));

    public static string Of(EventInfo @event) =>
        Write(@event.EventHandlerType!, new(@event.GetCustomAttributesData(), @event.DeclaringType));

    /// <summary>A type without its nullability: bases, interfaces, constraints, and a type's own name (<c>Outer.Inner&lt;in T&gt;</c>).</summary>
    public static string Of(Type type) => Write(type, NullableFlags.None);

    private static string Write(Type type, NullableFlags flags)
    {
        if (type.IsByRef) return Write(type.GetElementType()!, flags);
        if (type.IsPointer) return Write(type.GetElementType()!, flags) + "*";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Write(underlying, flags) + "?";

        // Every reference type, type parameter and generic type has a flag, in the order in which they are written.
        bool nullable = (!type.IsValueType || type.IsGenericType) && flags.TakeNullable() && !type.IsValueType;
        return Bare(type, flags) + (nullable ? "?" : "");
    }

    private static string Bare(Type type, NullableFlags flags)
    {
        if (type.IsArray) return $"{Write(type.GetElementType()!, flags)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (s_keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsGenericParameter) return type.Name;

        string[] names = [.. type.GetGenericArguments().Select(argument => Variance(type, argument) + Write(argument, flags))];
        if (type.IsAssignableTo(typeof(ITuple)) && type.IsValueType && names.Length > 1) return $"({string.Join(", ", names)})";

        // A nested type carries the arguments of its outer type in front of its own.
        int outerCount = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string outer = type.DeclaringType switch
        {
            null => "",
            var declaring when outerCount > 0 => $"{Plain(declaring)}<{string.Join(", ", names[..outerCount])}>.",
            var declaring => $"{Of(declaring)}.",
        };
        string own = names.Length > outerCount ? $"<{string.Join(", ", names[outerCount..])}>" : "";
        return outer + Plain(type) + own;
    }

    private static string Variance(Type type, Type argument) =>
        !type.IsGenericTypeDefinition || !argument.IsGenericParameter ? ""
        : argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.Covariant) ? "out "
        : argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.Contravariant) ? "in "
        : "";

    private static string Plain(Type type) => type.Name.Split('`')[0];
}
