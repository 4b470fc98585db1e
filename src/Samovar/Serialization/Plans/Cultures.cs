using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Cultures, written as their name and the formats that differ from the culture of that name; and string comparers, written as their
/// kind and options.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class Cultures
{
    private const int UserOverride = 1;
    private const int Plain = 2;
    private const int ReadOnly = 4;
    private const BindingFlags Public = BindingFlags.Instance | BindingFlags.Public;

    private static CultureInfo? s_plain;

    /// <summary>The settable properties of <see cref="NumberFormatInfo"/>.</summary>
    public static PropertyInfo[] NumberFormat { get; } = Settable(typeof(NumberFormatInfo));

    /// <summary>The settable properties of <see cref="DateTimeFormatInfo"/>, except for the calendar.</summary>
    public static PropertyInfo[] DateFormat { get; } = Settable(typeof(DateTimeFormatInfo));

    public static void Write(GraphWriter writer, CultureInfo culture)
    {
        bool isPlain = culture.IsReadOnly && ReferenceEquals(culture, CultureInfo.GetCultureInfo(culture.Name));
        writer.WriteString(culture.Name);
        writer.WriteByte((byte)((culture.UseUserOverride ? UserOverride : 0) | (isPlain ? Plain : 0) | (culture.IsReadOnly ? ReadOnly : 0)));
        if (isPlain) return;

        // A culture that is or was writable can differ from the culture of its name in any format.
        var plain = WriteCalendar(writer, culture, Plainest(culture));
        writer.WriteString(culture.TextInfo.ListSeparator);
        WriteChanges(writer, NumberFormat, culture.NumberFormat, plain.NumberFormat);
        WriteChanges(writer, DateFormat, culture.DateTimeFormat, plain.DateTimeFormat);
    }

    public static CultureInfo Read(GraphReader reader)
    {
        string name = reader.ReadText();
        int flags = reader.ReadByte();
        if ((flags & Plain) != 0) return CultureInfo.GetCultureInfo(name);
        var culture = new CultureInfo(name, (flags & UserOverride) != 0);
        ReadCalendar(reader, culture);
        culture.TextInfo.ListSeparator = reader.ReadText();
        ReadChanges(reader, NumberFormat, culture.NumberFormat);
        ReadChanges(reader, DateFormat, culture.DateTimeFormat);
        return (flags & ReadOnly) != 0 ? CultureInfo.ReadOnly(culture) : culture;
    }

    // Precedes the formats, because setting the calendar resets the date patterns.
    private static CultureInfo WriteCalendar(GraphWriter writer, CultureInfo culture, CultureInfo plain)
    {
        var used = culture.DateTimeFormat.Calendar;
        if (IsSameKind(plain.DateTimeFormat.Calendar, used))
        {
            writer.WriteByte(0);
            writer.WriteRaw(used.TwoDigitYearMax);
            return plain;
        }

        var calendars = plain.OptionalCalendars; // takes 0.1 ms at each call
        int index = Array.FindIndex(calendars, c => IsSameKind(c, used));
        if (index < 0)
        {
            throw new UnsupportedValueException(
                culture, $"uses a {used.GetType().Name}, which is not among the calendars of '{culture.Name}'; add a PayloadCodec for it");
        }

        writer.WriteByte((byte)(index + 1));
        writer.WriteRaw(used.TwoDigitYearMax);
        plain = new CultureInfo(culture.Name, culture.UseUserOverride);
        plain.DateTimeFormat.Calendar = calendars[index];
        return plain;
    }

    /// <summary>Returns the unmodified culture of the same name. Creating a culture and getting its formats takes 0.1 ms, and programs use the same
    /// few cultures repeatedly, so the last one is cached.</summary>
    private static CultureInfo Plainest(CultureInfo culture)
    {
        var plain = Volatile.Read(ref s_plain); // SYNC: plain culture made
        if (plain is not null && plain.Name == culture.Name && plain.UseUserOverride == culture.UseUserOverride) return plain;
        plain = CultureInfo.ReadOnly(new CultureInfo(culture.Name, culture.UseUserOverride));
        Volatile.Write(ref s_plain, plain); // SYNC: plain culture made
        return plain;
    }

    private static void ReadCalendar(GraphReader reader, CultureInfo culture)
    {
        int index = reader.ReadByte();
        if (index > 0)
        {
            var calendars = culture.OptionalCalendars;
            if (index > calendars.Length) throw reader.Bad($"The culture '{culture.Name}' has {calendars.Length} calendars, not {index}");
            culture.DateTimeFormat.Calendar = calendars[index - 1];
        }

        int year = reader.ReadRaw<int>();
        if (culture.DateTimeFormat.Calendar.TwoDigitYearMax != year) culture.DateTimeFormat.Calendar.TwoDigitYearMax = year;
    }

    /// <summary>Whether two calendars are of the same type and variant.</summary>
    public static bool IsSameKind(Calendar a, Calendar b) => a.GetType() == b.GetType()
        && (a as GregorianCalendar)?.CalendarType == (b as GregorianCalendar)?.CalendarType;

    public static void WriteComparer(GraphWriter writer, StringComparer comparer)
    {
        if (StringComparer.IsWellKnownOrdinalComparer(comparer, out bool ignoreCase))
        {
            writer.WriteByte(ignoreCase ? (byte)1 : (byte)0);
        }
        else if (StringComparer.IsWellKnownCultureAwareComparer(comparer, out var info, out var options))
        {
            writer.WriteByte(2);
            writer.WriteString(info.Name);
            writer.WriteRaw((int)options);
        }
        else
        {
            throw new UnsupportedValueException(
                comparer, "is a custom subclass of StringComparer; implement IEqualityComparer<string> in a class instead");
        }
    }

    public static StringComparer ReadComparer(GraphReader reader) => reader.ReadByte() switch
    {
        0 => StringComparer.Ordinal,
        1 => StringComparer.OrdinalIgnoreCase,
        2 => CompareInfo.GetCompareInfo(reader.ReadText()).GetStringComparer((CompareOptions)reader.ReadRaw<int>()),
        var other => throw reader.Bad($"{other} is not a known kind of string comparer"),
    };

    private static PropertyInfo[] Settable(Type type) => [.. type.GetProperties(Public)
        .Where(p => p is { CanRead: true, CanWrite: true } && p.GetIndexParameters().Length == 0 && IsPlain(p.PropertyType))
        .OrderBy(p => p.Name, StringComparer.Ordinal)];

    private static bool IsPlain(Type type) => type == typeof(string) || type == typeof(int) || type.IsEnum || type == typeof(string[]) || type == typeof(int[]);

    private static void WriteChanges(GraphWriter writer, PropertyInfo[] properties, object used, object plain)
    {
        for (int i = 0; i < properties.Length; i++)
        {
            object? value = properties[i].GetValue(used);
            if (Same(value, properties[i].GetValue(plain))) continue;
            writer.WriteByte((byte)(i + 1));
            writer.Plans.SlotFor(properties[i].PropertyType).WriteBoxed(writer, value);
        }

        writer.WriteByte(0);
    }

    private static void ReadChanges(GraphReader reader, PropertyInfo[] properties, object target)
    {
        for (int index = reader.ReadByte(); index != 0; index = reader.ReadByte())
        {
            if (index > properties.Length) throw reader.Bad($"A culture has {properties.Length} formats of this kind, not {index}");
            var property = properties[index - 1];
            property.SetValue(target, reader.Plans.SlotFor(property.PropertyType).ReadBoxed(reader));
        }
    }

    private static bool Same(object? a, object? b) =>
        a is Array ? System.Collections.StructuralComparisons.StructuralEqualityComparer.Equals(a, b) : Equals(a, b);
}
