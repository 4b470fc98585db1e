using System.Collections;
using System.Collections.Specialized;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Map.Methods;

/// <summary>Finds what a collection has besides its elements: JSON writes the elements alone.</summary>
internal static class CollectionMembers
{
    // What can be seen from the elements, and how they are kept.
    private static readonly string[] s_ofElements = ["Count", "Length", "IsEmpty"];
    private static readonly string[] s_ofContainers = ["Capacity", "Comparer"];

    /// <summary>The public members that would be lost, separated by commas; null where there are none, or the type is no collection.</summary>
    public static string? Lost(Type type)
    {
        if (!typeof(IEnumerable).IsAssignableFrom(type) || type.IsArray) return null;
        if (typeof(NameValueCollection).IsAssignableFrom(type)) return "values"; // its elements are its keys
        Type[] interfaces = type.IsInterface ? [type, .. type.GetInterfaces()] : type.GetInterfaces();
        HashSet<string> known = [.. s_ofElements, .. interfaces.Where(IsCollection).SelectMany(i => i.GetProperties()).Select(p => p.Name)];
        IEnumerable<string> own = Declaring(type, interfaces).SelectMany(Members).Select(m => m.Name).Where(name => !known.Contains(name));
        string[] lost = interfaces.Any(IsGrouping) ? ["Key", .. own.Distinct()] : [.. own.Distinct()];
        return lost.Length > 0 ? string.Join(", ", lost) : null;
    }

    // The types that may add data of their own: not the framework's collections, and not the sequences that compilers make of iterators.
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
