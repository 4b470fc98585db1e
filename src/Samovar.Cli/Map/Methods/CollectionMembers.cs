using System.Collections;
using System.Collections.Specialized;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Map.Methods;

/// <summary>Finds the public members of a collection type that JSON does not write, because it writes only the elements.</summary>
internal static class CollectionMembers
{
    // Members that follow from the elements, and members that describe how a container stores them.
    private static readonly string[] s_ofElements = ["Count", "Length", "IsEmpty"];
    private static readonly string[] s_ofContainers = ["Capacity", "Comparer"];

    /// <summary>Returns the names of the lost members, separated by commas; null if no member is lost or the type is not a collection.</summary>
    public static string? Lost(Type type)
    {
        if (!typeof(IEnumerable).IsAssignableFrom(type) || type.IsArray) return null;
        if (typeof(NameValueCollection).IsAssignableFrom(type)) return "values"; // enumerating it returns only its keys
        Type[] interfaces = type.IsInterface ? [type, .. type.GetInterfaces()] : type.GetInterfaces();
        HashSet<string> known = [.. s_ofElements, .. interfaces.Where(IsCollection).SelectMany(i => i.GetProperties()).Select(p => p.Name)];
        IEnumerable<string> own = Declaring(type, interfaces).SelectMany(Members).Select(m => m.Name).Where(name => !known.Contains(name));
        string[] lost = interfaces.Any(IsGrouping) ? ["Key", .. own.Distinct()] : [.. own.Distinct()];
        return lost.Length > 0 ? string.Join(", ", lost) : null;
    }

    // The types in the hierarchy that can declare additional data. Framework collections and compiler-generated iterators cannot.
    private static IEnumerable<Type> Declaring(Type type, Type[] interfaces)
    {
        if (type.IsInterface) return interfaces.Where(i => !IsFramework(i));
        if (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || type.Name.Contains('@', StringComparison.Ordinal)) return [];
        var own = new List<Type>();
        for (Type? part = type; part is not null && !IsFramework(part); part = part.BaseType) own.Add(part);
        return own;
    }

    private static IEnumerable<MemberInfo> Members(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<MemberInfo> properties = type.GetProperties(Own).Where(p =>
            p.GetMethod is { IsPublic: true } get && p.GetIndexParameters().Length == 0 && !IsFramework(get.GetBaseDefinition().DeclaringType!)
            && !(type.IsGenericType && s_ofContainers.Contains(p.Name)));
        return properties.Concat(type.GetFields(Own)).Where(m => !IsLeftOut(m));
    }

    private static bool IsLeftOut(MemberInfo member) =>
        member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always or JsonIgnoreCondition.WhenWriting };

    private static bool IsCollection(Type type) =>
        IsFramework(type) && (typeof(IEnumerable).IsAssignableFrom(type) || typeof(IEnumerator).IsAssignableFrom(type));

    private static bool IsGrouping(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IGrouping<,>);

    private static bool IsFramework(Type type) =>
        TextValues.IsSystem(type) || type.Namespace?.StartsWith("Microsoft.FSharp.", StringComparison.Ordinal) == true;
}
