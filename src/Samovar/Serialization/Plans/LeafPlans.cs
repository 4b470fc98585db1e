using System.CodeDom.Compiler;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Samovar.Primitives;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The plans for runtime types with their own format, because their fields must not be copied or do not define the value.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class LeafPlans
{
    // By name, and created on demand, so that a program without regular expressions, for example, does not load their assembly.
    private static readonly Dictionary<string, Func<ObjectPlan>> makers = new(StringComparer.Ordinal)
    {
        ["System.String"] = static () => new LeafPlan<string>(static (w, s) => w.WriteString(s), static r => r.ReadText()),
        ["System.DBNull"] = static () => new LeafPlan<DBNull>(static (_, _) => { }, static _ => DBNull.Value),
        ["System.Threading.Lock"] = static () => new LeafPlan<Lock>(static (_, _) => { }, static _ => new Lock()),
        ["System.Text.StringBuilder"] = static () => new LeafPlan<StringBuilder>(static (w, b) => w.WriteString(b.ToString()), static r => new StringBuilder(r.ReadText())),
        ["System.Uri"] = static () => new LeafPlan<Uri>(WriteUri, ReadUri),
        ["System.Version"] = static () => new LeafPlan<Version>(static (w, v) => w.WriteString(v.ToString()), static r => Version.Parse(r.ReadText())),
        ["System.Text.RegularExpressions.Regex"] = static () => new LeafPlan<Regex>(WriteRegex, ReadRegex),
        ["System.Globalization.CultureInfo"] = static () => new LeafPlan<CultureInfo>(Cultures.Write, Cultures.Read),
        ["System.Globalization.CompareInfo"] = static () => new LeafPlan<CompareInfo>(
            static (w, c) => w.WriteString(c.Name), static r => CompareInfo.GetCompareInfo(r.ReadText())),
        ["System.StringComparer"] = static () => new LeafPlan<StringComparer>(Cultures.WriteComparer, Cultures.ReadComparer),
        ["System.Text.Encoding"] = static () => new LeafPlan<Encoding>(WriteEncoding, ReadEncoding),
        ["System.Net.IPAddress"] = static () => new LeafPlan<IPAddress>(WriteAddress, ReadAddress),
        ["System.Net.Http.HttpMethod"] = static () => new LeafPlan<HttpMethod>(static (w, m) => w.WriteString(m.Method), static r => HttpMethod.Parse(r.ReadText())),
        ["System.Xml.Linq.XName"] = static () => new LeafPlan<XName>(static (w, n) => w.WriteString(n.ToString()), static r => XName.Get(r.ReadText())),
        ["System.Xml.Linq.XNamespace"] = static () => new LeafPlan<XNamespace>(
            static (w, n) => w.WriteString(n.NamespaceName), static r => XNamespace.Get(r.ReadText())),
        ["System.Text.Json.Nodes.JsonNode"] = static () => new LeafPlan<JsonNode>(JsonText.Write, JsonText.Read),
        ["System.Text.Json.JsonDocument"] = static () => new LeafPlan<JsonDocument>(JsonText.WriteDocument, JsonText.ReadDocument),
        ["System.Type"] = static () => new LeafPlan<Type>(
            static (w, t) => w.WriteDefinition(w.Definitions.Number(t)), static r => r.Definitions.Type((int)r.ReadDefinition()).Type),
        ["System.Reflection.MethodBase"] = static () => new LeafPlan<MethodBase>(
            static (w, m) => w.WriteDefinition(w.Definitions.Number(Real(m))), Member<MethodBase>),
        ["System.Reflection.FieldInfo"] = static () => new LeafPlan<FieldInfo>(static (w, f) => w.WriteDefinition(w.Definitions.Number(f)), Member<FieldInfo>),
        ["System.Reflection.PropertyInfo"] = static () => new LeafPlan<PropertyInfo>(
            WriteOwned, static r => ReadOwned(r, static (t, n) => Array.Find(t.GetProperties(All), p => p.MetadataToken == n))),
        ["System.Reflection.EventInfo"] = static () => new LeafPlan<EventInfo>(
            WriteOwned, static r => ReadOwned(r, static (t, n) => Array.Find(t.GetEvents(All), e => e.MetadataToken == n))),
        ["System.Reflection.Assembly"] = static () => new LeafPlan<Assembly>(
            static (w, a) => w.WriteDefinition(w.Definitions.Number(a.ManifestModule)), static r => r.Definitions.Module((int)r.ReadDefinition()).Assembly),
        ["System.Reflection.Module"] = static () => new LeafPlan<Module>(
            static (w, m) => w.WriteDefinition(w.Definitions.Number(m)), static r => r.Definitions.Module((int)r.ReadDefinition())),
    };

    // Types whose run-time type is an internal class of the runtime; only this base type is known by name.
    private static readonly HashSet<string> bases = new(StringComparer.Ordinal)
    {
        "System.Type", "System.Reflection.MethodBase", "System.Reflection.FieldInfo", "System.Reflection.PropertyInfo", "System.Reflection.EventInfo",
        "System.Reflection.Assembly", "System.Reflection.Module", "System.Text.RegularExpressions.Regex", "System.Globalization.CultureInfo",
        "System.Text.Encoding", "System.Text.Json.Nodes.JsonNode", "System.StringComparer", "System.Net.IPAddress",
    };

    /// <summary>Whether objects of exactly this type have a plan here.</summary>
    public static bool Knows(Type type) => type.FullName is { } name && makers.ContainsKey(name) && IsRuntimes(type);

    /// <summary>Returns the plan for a type that has a plan here, itself or through a base type that covers derived types; null for others.</summary>
    public static ObjectPlan? Find(Type type)
    {
        if (Knows(type)) return makers[type.FullName!]();
        for (var t = type.BaseType; t is not null; t = t.BaseType)
        {
            if (t.FullName is { } name && bases.Contains(name) && IsRuntimes(t))
            {
                return IsRuntimes(type) || IsGeneratedRegex(type) ? makers[name]() : new UnsupportedPlan(type, $"is derived from {TypeNames.Short(t)}, "
                    + "which is rebuilt from its value, without the members that the derived class adds; give it a PayloadCodec");
            }
        }

        return null;
    }

    // Classes of the regular-expression source generator add only speed, so the pattern is enough.
    private static bool IsGeneratedRegex(Type type) => type.IsSubclassOf(typeof(Regex)) && type.IsDefined(typeof(GeneratedCodeAttribute), inherit: false);

    /// <summary>Whether the type is derived from a type whose plan covers derived types.</summary>
    public static bool KnowsBaseOf(Type type)
    {
        for (var t = type.BaseType; t is not null; t = t.BaseType)
        {
            if (t.FullName is { } name && bases.Contains(name) && IsRuntimes(t)) return true;
        }

        return false;
    }

    // A program can define a type of the same name, so the assembly is checked too.
    private static bool IsRuntimes(Type type) => type.Assembly == typeof(object).Assembly
        || type.Assembly.FullName?.StartsWith("System.", StringComparison.Ordinal) == true;

    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static MethodBase Real(MethodBase method) => method.DeclaringType is null
        ? throw new UnsupportedValueException(method, "was created at run time and exists only in this process")
        : method;

    private static T Member<T>(GraphReader reader)
        where T : MemberInfo => reader.Definitions.Member((int)reader.ReadDefinition()) as T ?? throw reader.Bad($"A definition is not a {typeof(T).Name}");

    private static void WriteOwned(GraphWriter writer, MemberInfo member)
    {
        writer.WriteDefinition(writer.Definitions.Number(member.DeclaringType!));
        writer.WriteRaw(member.MetadataToken);
    }

    private static T ReadOwned<T>(GraphReader reader, Func<Type, int, T?> find)
        where T : MemberInfo
    {
        var type = reader.Definitions.Type((int)reader.ReadDefinition()).Type;
        int token = reader.ReadRaw<int>();
        return find(type, token) ?? throw reader.Bad($"{type} has no {typeof(T).Name} with token {token:X8}");
    }

    private static void WriteUri(GraphWriter writer, Uri uri)
    {
        writer.WriteByte(uri.IsAbsoluteUri ? (byte)1 : (byte)2);
        writer.WriteString(uri.OriginalString);
    }

    private static Uri ReadUri(GraphReader reader)
    {
        byte kind = reader.ReadByte();
        if (kind is not (1 or 2)) throw reader.Bad($"{kind} is not a valid kind of Uri");
        return new Uri(reader.ReadText(), (UriKind)kind);
    }

    private static void WriteRegex(GraphWriter writer, Regex regex)
    {
        writer.WriteString(regex.ToString());
        writer.WriteRaw((int)regex.Options);
        writer.WriteRaw(regex.MatchTimeout.Ticks);
    }

    private static Regex ReadRegex(GraphReader reader)
    {
        string pattern = reader.ReadText();
        var options = (RegexOptions)reader.ReadRaw<int>();
        return new Regex(pattern, options, new TimeSpan(reader.ReadRaw<long>()));
    }

    private static void WriteEncoding(GraphWriter writer, Encoding encoding)
    {
        bool mark = !encoding.Preamble.IsEmpty;
        bool strict = encoding.DecoderFallback == DecoderFallback.ExceptionFallback;
        if (!IsRuntimes(encoding.GetType()) || !MakeEncoding(encoding.CodePage, mark, strict).Equals(encoding))
            throw new UnsupportedValueException(encoding, "is a custom encoding, or has custom fallbacks; add a PayloadCodec for it");
        writer.WriteRaw(encoding.CodePage);
        writer.WriteByte(mark ? (byte)1 : (byte)0);
        writer.WriteByte(strict ? (byte)1 : (byte)0);
    }

    private static Encoding ReadEncoding(GraphReader reader) =>
        MakeEncoding(reader.ReadRaw<int>(), mark: reader.ReadByte() != 0, strict: reader.ReadByte() != 0);

    private static Encoding MakeEncoding(int page, bool mark, bool strict) => page switch
    {
        65001 => new UTF8Encoding(mark, strict),
        1200 or 1201 => new UnicodeEncoding(page == 1201, mark, strict),
        12000 or 12001 => new UTF32Encoding(page == 12001, mark, strict),
        _ when strict => CodePage(page, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
        _ => CodePage(page),
    };

    // Gets Windows and DOS code pages directly from the provider, because the other process may not have registered it.
    private static Encoding CodePage(int page) => CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page);

    private static Encoding CodePage(int page, EncoderFallback encoder, DecoderFallback decoder) =>
        CodePagesEncodingProvider.Instance.GetEncoding(page, encoder, decoder) ?? Encoding.GetEncoding(page, encoder, decoder);

    // Not field by field, because an address caches its hash code, which differs between processes.
    private static void WriteAddress(GraphWriter writer, IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        writer.WriteByte((byte)bytes.Length);
        writer.WriteBytes(bytes);
        writer.WriteRaw(bytes.Length == 16 ? address.ScopeId : 0);
    }

    private static IPAddress ReadAddress(GraphReader reader)
    {
        int length = reader.ReadByte();
        var bytes = reader.ReadBytes(length).ToArray();
        long scope = reader.ReadRaw<long>();
        return length == 16 ? new IPAddress(bytes, scope) : new IPAddress(bytes);
    }
}
