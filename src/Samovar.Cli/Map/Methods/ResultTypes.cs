using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml;

namespace Samovar.Cli.Map.Methods;

/// <summary>Checks a method's result type before the method runs.</summary>
internal static class ResultTypes
{
    private static readonly Type[] s_unwritable =
    [
        typeof(Stream), typeof(TextReader), typeof(TextWriter), typeof(XmlReader), typeof(XmlWriter), typeof(Delegate), typeof(MemberInfo),
        typeof(Assembly), typeof(Module), typeof(SafeHandle), typeof(WaitHandle), typeof(Thread), typeof(CancellationToken), typeof(nint),
        typeof(nuint), typeof(Regex), typeof(Group), typeof(System.Data.DataTable), typeof(System.Data.DataSet), typeof(System.Data.DataRow),
        typeof(System.Diagnostics.Process),
    ];

    /// <summary>The reason for refusing an object without any member to write, phrased to follow the name of its type.</summary>
    public const string Opaque = "has state but no public property or field";

    /// <summary>Returns why results of a type cannot be written completely, phrased to follow "cannot be written:"; null if they can.</summary>
    public static string? WhyNot(Type type) => WhyNot(type, "", []);

    /// <summary>Returns the CSV columns for results of a type, including those of derived types.</summary>
    /// <returns>The column names; empty if a result is a single value; null if the columns depend on the actual result.</returns>
    public static IReadOnlyList<string>? Columns(Type type)
    {
        if (TextValues.IsScalar(type) || LosslessTexts.For(type) is not null) return [];
        if (TextValues.IsSystem(type) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type)) return null;
        IEnumerable<Type> written = type.IsSealed ? [type] : [type, .. RunTimeTypes.DerivedFrom(type)];
        string[] columns = [.. written.SelectMany(Properties).Select(p => p.Name).Distinct(StringComparer.Ordinal)];
        return columns.Length > 0 ? columns : null;
    }

    /// <summary>Returns why the type itself cannot be written completely, phrased to follow its name; null if only its members decide.</summary>
    public static string? OwnReason(Type type)
    {
        if (LosslessTexts.For(type) is not null) return null;
        if (type.IsArray && type.GetArrayRank() > 1) return "has several dimensions; use an array of arrays instead";
        bool hasConverter = type.IsDefined(typeof(JsonConverterAttribute), inherit: false); // which is trusted to write the complete value
        if (!hasConverter && Awaitable.Of(type) is not null) return "must be awaited in the method";
        if (type.IsPointer || Array.Exists(s_unwritable, u => u.IsAssignableFrom(type))) return "has no text representation";
        if (hasConverter) return null;
        if (MethodRoles.IsStream(type)) return "must be read to its end in the method; use an array or a list instead";
        return CollectionMembers.Lost(type) is { } lost
            ? $"would lose its {lost} because only its elements are written; use a record with both, or a plain collection, instead"
            : null;
    }

    /// <summary>Whether the JSON contract of an object has no property to write although the object has fields.</summary>
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
            return $"{subject} cannot be serialized to JSON: {e.Message}";
        }

        string prefix = path.Length == 0 ? "" : path + ".";
        switch (json.Kind)
        {
            case JsonTypeInfoKind.Enumerable when json.ElementType is { } element:
                return WhyNot(element, prefix + "element", seen);
            case JsonTypeInfoKind.Dictionary:
                if (json.KeyType is { } key && key != typeof(object) && !TextValues.IsScalar(key) && LosslessTexts.For(key) is null)
                    return $"{subject} has keys of type {TypeText.Of(key)}, which have no text representation";
                return json.ElementType is { } value ? WhyNot(value, prefix + "value", seen) : null;
            case JsonTypeInfoKind.Object:
                if (IsOpaque(json)) return $"{subject} {Opaque}";
                return json.Properties.Where(p => p.Get is not null && p.CustomConverter is null)
                    .Select(p => WhyNot(p.PropertyType, prefix + NameOf(p), seen)).FirstOrDefault(why => why is not null);
            default:
                return null; // a JSON value, or a type that is written by its run-time type
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
