using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml;

namespace Samovar.Cli.Map.Methods;

/// <summary>Looks at the type of a method's results before there is one.</summary>
internal static class ResultTypes
{
    private static readonly Type[] s_unwritable =
    [
        typeof(Stream), typeof(TextReader), typeof(TextWriter), typeof(XmlReader), typeof(XmlWriter), typeof(Delegate), typeof(MemberInfo),
        typeof(Assembly), typeof(Module), typeof(SafeHandle), typeof(WaitHandle), typeof(Thread), typeof(CancellationToken), typeof(nint),
        typeof(nuint), typeof(Regex), typeof(Group), typeof(System.Data.DataTable), typeof(System.Data.DataSet), typeof(System.Data.DataRow),
        typeof(System.Diagnostics.Process),
    ];

    /// <summary>The reason for an object of which nothing can be written, in words that follow its type's name.</summary>
    public const string Opaque = "holds values, but has no public property or field";

    /// <summary>Why results of a type cannot be written, or would lose their value, in words that follow "cannot be written:"; null where they can.</summary>
    public static string? WhyNot(Type type) => WhyNot(type, "", []);

    /// <summary>The columns that results of a type have as CSV, those of derived types included: none for one value; null where only a result can tell.</summary>
    public static IReadOnlyList<string>? Columns(Type type)
    {
        if (TextValues.IsScalar(type) || LosslessTexts.For(type) is not null) return [];
        if (TextValues.IsSystem(type) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type)) return null;
        IEnumerable<Type> written = type.IsSealed ? [type] : [type, .. RunTimeTypes.DerivedFrom(type)];
        string[] columns = [.. written.SelectMany(Properties).Select(p => p.Name).Distinct(StringComparer.Ordinal)];
        return columns.Length > 0 ? columns : null;
    }

    /// <summary>Why values of a type cannot be written whole, in words that follow its name; null where that depends on its members alone.</summary>
    public static string? OwnReason(Type type)
    {
        if (LosslessTexts.For(type) is not null) return null;
        if (type.IsArray && type.GetArrayRank() > 1) return "has several dimensions; an array of arrays can be written";
        bool hasConverter = type.IsDefined(typeof(JsonConverterAttribute), inherit: false); // which writes all of it
        if (!hasConverter && Awaitable.Of(type) is not null) return "has to be awaited in the method";
        if (type.IsPointer || Array.Exists(s_unwritable, u => u.IsAssignableFrom(type))) return "has no text";
        if (hasConverter) return null;
        if (MethodRoles.IsStream(type)) return "has to be read to its end in the method; an array, or a list, can be written";
        return CollectionMembers.Lost(type) is { } lost
            ? $"would lose its {lost}, since its elements alone are written; a record with both, or the collection itself, can be written"
            : null;
    }

    /// <summary>Whether the contract of an object has nothing to write although the object holds something.</summary>
    public static bool IsOpaque(JsonTypeInfo json) =>
        json.Kind == JsonTypeInfoKind.Object && json.Type != typeof(object) && json.Properties.All(p => p.Get is null) && HoldsSomething(json.Type);

    private static IEnumerable<JsonPropertyInfo> Properties(Type type) =>
        ValueJson.Declared.GetTypeInfo(type).Properties.Where(p => p.Get is not null && !p.IsExtensionData);

    private static string? WhyNot(Type declared, string path, HashSet<Type> seen)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (!seen.Add(type) || TextValues.IsScalar(type) && TextValues.IsSystem(type)) return null;
        string subject = path.Length == 0 ? $"a {TypeText.Of(type)}" : $"its {path} is a {TypeText.Of(type)}, which";
        JsonTypeInfo json;
        try
        {
            if (OwnReason(type) is { } reason) return $"{subject} {reason}";
            if (LosslessTexts.For(type) is not null) return null;
            json = ValueJson.Writing.GetTypeInfo(type);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return $"{subject} is refused: {e.Message}";
        }

        string prefix = path.Length == 0 ? "" : path + ".";
        switch (json.Kind)
        {
            case JsonTypeInfoKind.Enumerable when json.ElementType is { } element:
                return WhyNot(element, prefix + "element", seen);
            case JsonTypeInfoKind.Dictionary:
                if (json.KeyType is { } key && key != typeof(object) && !TextValues.IsScalar(key) && LosslessTexts.For(key) is null)
                    return $"{subject} has keys of type {TypeText.Of(key)}, which have no text";
                return json.ElementType is { } value ? WhyNot(value, prefix + "value", seen) : null;
            case JsonTypeInfoKind.Object:
                if (IsOpaque(json)) return $"{subject} {Opaque}";
                return json.Properties.Where(p => p.Get is not null && p.CustomConverter is null)
                    .Select(p => WhyNot(p.PropertyType, prefix + NameOf(p), seen)).FirstOrDefault(why => why is not null);
            default:
                return null; // JSON writes it as it is, or by its run-time type
        }
    }

    private static string NameOf(JsonPropertyInfo property) => (property.AttributeProvider as MemberInfo)?.Name ?? property.Name;

    private static bool HoldsSomething(Type type)
    {
        for (Type? part = type; part is not null && part != typeof(object); part = part.BaseType)
        {
            if (part.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Length > 0) return true;
        }

        return false;
    }
}
