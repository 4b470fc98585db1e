using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using System.Xml.Linq;

namespace Samovar.Cli.Map.Methods;

/// <summary>Formats values of types whose text holds the complete value while their public properties do not.</summary>
internal static class LosslessTexts
{
    // Types whose ToString returns the complete value.
    private static readonly Type[] s_byToString =
    [
        typeof(StringBuilder), typeof(Rune), typeof(Index), typeof(Range), typeof(IPEndPoint), typeof(UnixDomainSocketEndPoint),
        typeof(PhysicalAddress), typeof(ActivityTraceId), typeof(ActivitySpanId), typeof(OSPlatform), typeof(AssemblyName), typeof(UniqueId),
        typeof(StackTrace), typeof(Exception),
    ];

    /// <summary>Returns a formatter for values of such a type; null for all other types.</summary>
    public static Func<object, string>? For(Type type)
    {
        if (type.IsPrimitive || type == typeof(string) || type == typeof(object) || type.IsArray || type.IsEnum) return null;
        if (Array.Exists(s_byToString, t => t.IsAssignableFrom(type))) return static value => value.ToString()!;
        if (typeof(Encoding).IsAssignableFrom(type)) return static value => ((Encoding)value).WebName;
        if (typeof(CultureInfo).IsAssignableFrom(type)) return static value => ((CultureInfo)value).Name;
        if (typeof(FormattableString).IsAssignableFrom(type)) return static text => FormattableString.Invariant((FormattableString)text);
        if (type.Namespace?.StartsWith("System.Xml", StringComparison.Ordinal) == true) return Xml(type);
        Type? parsable = type;
        while (parsable is not null && !TextValues.IsParsable(parsable)) parsable = parsable.BaseType; // IPAddress.Loopback has a derived type
        if (parsable is null || ValueJson.Declared.GetTypeInfo(parsable) is not { Kind: JsonTypeInfoKind.Object } json) return null;

        // A user-defined type that has readable properties is written as its properties.
        if (!TextValues.IsSystem(parsable) && json.Properties.Any(p => p.Get is not null)) return null;
        return static value => value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value.ToString()!;
    }

    private static Func<object, string>? Xml(Type type)
    {
        if (typeof(XDocument).IsAssignableFrom(type)) return static value => Whole((XDocument)value);
        if (typeof(XNode).IsAssignableFrom(type)) return static value => ((XNode)value).ToString(SaveOptions.DisableFormatting);
        if (typeof(XObject).IsAssignableFrom(type) || typeof(XName).IsAssignableFrom(type)) return static value => value.ToString()!;
        if (typeof(XStreamingElement) == type) return static xml => ((XStreamingElement)xml).ToString(SaveOptions.DisableFormatting);
        return typeof(XmlNode).IsAssignableFrom(type) ? static value => ((XmlNode)value).OuterXml : null;
    }

    private static string Whole(XDocument document) => document.Declaration + document.ToString(SaveOptions.DisableFormatting);
}
