using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Types of the runtime whose fields do not say what they are, or must not be copied: each written its own way.</summary>
internal static class LeafPlans
{
    private static readonly JsonDocumentOptions deepJson = new() { MaxDepth = 1000 };
    private static readonly JsonSerializerOptions deepText = new() { MaxDepth = 1000 };

    public static Dictionary<Type, ObjectPlan> ByType { get; } = new ObjectPlan[]
    {
        new LeafPlan<string>(static (w, s) => w.WriteString(s), static r => r.ReadText()),
        new LeafPlan<DBNull>(static (_, _) => { }, static _ => DBNull.Value),
        new LeafPlan<Lock>(static (_, _) => { }, static _ => new Lock()),
        new LeafPlan<StringBuilder>(static (w, b) => w.WriteString(b.ToString()), static r => new StringBuilder(r.ReadText())),
        new LeafPlan<Uri>(static (w, u) => WriteUri(w, u), static r => ReadUri(r)),
        new LeafPlan<Version>(static (w, v) => w.WriteString(v.ToString()), static r => Version.Parse(r.ReadText())),
        new LeafPlan<Regex>(static (w, x) => WriteRegex(w, x), static r => ReadRegex(r)),
        new LeafPlan<CultureInfo>(Cultures.Write, Cultures.Read),
        new LeafPlan<CompareInfo>(static (w, c) => w.WriteString(c.Name), static r => CompareInfo.GetCompareInfo(r.ReadText())),
        new LeafPlan<StringComparer>(Cultures.WriteComparer, Cultures.ReadComparer),
        new LeafPlan<Encoding>(WriteEncoding, ReadEncoding),
        new LeafPlan<IPAddress>(WriteAddress, ReadAddress),
        new LeafPlan<JsonNode>(WriteNode, ReadNode),
        new LeafPlan<JsonDocument>(static (w, d) => w.WriteString(d.RootElement.GetRawText()), static r => JsonDocument.Parse(r.ReadText(), deepJson)),
        new LeafPlan<Type>(static (w, t) => w.WriteDefinition(w.Definitions.Number(t)), static r => r.Definitions.Type((int)r.ReadDefinition()).Type),
        new LeafPlan<MethodBase>(static (w, m) => w.WriteDefinition(w.Definitions.Number(Real(m))), static r => Member<MethodBase>(r)),
        new LeafPlan<FieldInfo>(static (w, f) => w.WriteDefinition(w.Definitions.Number(f)), static r => Member<FieldInfo>(r)),
        new LeafPlan<PropertyInfo>(static (w, p) => WriteOwned(w, p), static r => ReadOwned(r, static (t, n) => t.GetProperties(All).FirstOrDefault(p => p.MetadataToken == n))),
        new LeafPlan<EventInfo>(static (w, e) => WriteOwned(w, e), static r => ReadOwned(r, static (t, n) => t.GetEvents(All).FirstOrDefault(e => e.MetadataToken == n))),
        new LeafPlan<Assembly>(static (w, a) => w.WriteDefinition(w.Definitions.Number(a.ManifestModule)), static r => r.Definitions.Module((int)r.ReadDefinition()).Assembly),
        new LeafPlan<Module>(static (w, m) => w.WriteDefinition(w.Definitions.Number(m)), static r => r.Definitions.Module((int)r.ReadDefinition())),
    }.ToDictionary(p => p.Type);

    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static MethodBase Real(MethodBase method) => method.DeclaringType is null
        ? throw new RefusalSignal(method, "was made at run time and exists in this process only")
        : method;

    private static T Member<T>(GraphReader reader)
        where T : MemberInfo => reader.Definitions.Member((int)reader.ReadDefinition()) as T ?? throw reader.Bad($"A definition is no {typeof(T).Name}");

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
        if (kind is not (1 or 2))
            throw reader.Bad($"{kind} is no kind of Uri");
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
        writer.WriteRaw(encoding.CodePage);
        writer.WriteByte(encoding.Preamble.IsEmpty ? (byte)0 : (byte)1);
        writer.WriteByte(encoding.DecoderFallback == DecoderFallback.ExceptionFallback ? (byte)1 : (byte)0);
        if (encoding.GetType().Assembly != typeof(Encoding).Assembly)
            throw new RefusalSignal(encoding, "is an encoding of its own making; carry it with a PayloadCodec");
    }

    private static Encoding ReadEncoding(GraphReader reader)
    {
        int page = reader.ReadRaw<int>();
        bool mark = reader.ReadByte() != 0;
        bool strict = reader.ReadByte() != 0;
        return page switch
        {
            65001 => new UTF8Encoding(mark, strict),
            1200 or 1201 => new UnicodeEncoding(page == 1201, mark, strict),
            12000 or 12001 => new UTF32Encoding(page == 12001, mark, strict),
            _ when strict => Encoding.GetEncoding(page, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback),
            _ => Encoding.GetEncoding(page),
        };
    }

    // Field by field an address would bring along its cached hash code, which is random per process.
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

    private static void WriteNode(GraphWriter writer, JsonNode node)
    {
        writer.WriteByte(node.Options is { PropertyNameCaseInsensitive: true } ? (byte)1 : (byte)0);
        writer.WriteString(node.ToJsonString(deepText));
    }

    private static JsonNode ReadNode(GraphReader reader)
    {
        var options = new JsonNodeOptions { PropertyNameCaseInsensitive = reader.ReadByte() != 0 };
        return JsonNode.Parse(reader.ReadText(), options, deepJson) ?? throw reader.Bad("A JSON node is null");
    }

    internal static void WriteElement(GraphWriter writer, JsonElement element) =>
        writer.WriteString(element.ValueKind == JsonValueKind.Undefined ? null : element.GetRawText());

    internal static JsonElement ReadElement(GraphReader reader)
    {
        if (reader.ReadString() is not { } text)
            return default;
        using var document = JsonDocument.Parse(text, deepJson);
        return document.RootElement.Clone();
    }
}
