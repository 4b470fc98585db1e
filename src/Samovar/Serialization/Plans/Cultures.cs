using System.Globalization;
using System.Reflection;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Cultures by name, with the formats that were changed on a writable copy; string comparers by what they compare.</summary>
internal static class Cultures
{
    private const int UserOverride = 1;
    private const int Plain = 2;
    private const int ReadOnly = 4;
    private const BindingFlags Public = BindingFlags.Instance | BindingFlags.Public;

    private static readonly PropertyInfo[] numberFormat = Settable(typeof(NumberFormatInfo));
    private static readonly PropertyInfo[] dateFormat = Settable(typeof(DateTimeFormatInfo));

    public static void Write(GraphWriter writer, CultureInfo culture)
    {
        bool isPlain = culture.IsReadOnly && ReferenceEquals(culture, CultureInfo.GetCultureInfo(culture.Name));
        writer.WriteString(culture.Name);
        writer.WriteByte((byte)((culture.UseUserOverride ? UserOverride : 0) | (isPlain ? Plain : 0) | (culture.IsReadOnly ? ReadOnly : 0)));
        if (isPlain)
            return;

        // A culture that was writable once may differ from the one of its name in any of its formats.
        var plain = new CultureInfo(culture.Name, culture.UseUserOverride);
        WriteCalendar(writer, culture, plain);
        writer.WriteString(culture.TextInfo.ListSeparator);
        WriteChanges(writer, numberFormat, culture.NumberFormat, plain.NumberFormat);
        WriteChanges(writer, dateFormat, culture.DateTimeFormat, plain.DateTimeFormat);
    }

    public static CultureInfo Read(GraphReader reader)
    {
        string name = reader.ReadText();
        int flags = reader.ReadByte();
        if ((flags & Plain) != 0)
            return CultureInfo.GetCultureInfo(name);
        var culture = new CultureInfo(name, (flags & UserOverride) != 0);
        ReadCalendar(reader, culture);
        culture.TextInfo.ListSeparator = reader.ReadText();
        ReadChanges(reader, numberFormat, culture.NumberFormat);
        ReadChanges(reader, dateFormat, culture.DateTimeFormat);
        return (flags & ReadOnly) != 0 ? CultureInfo.ReadOnly(culture) : culture;
    }

    // Before the formats: a change of calendar sets the patterns of dates anew.
    private static void WriteCalendar(GraphWriter writer, CultureInfo culture, CultureInfo plain)
    {
        var used = culture.DateTimeFormat.Calendar;
        int index = Array.FindIndex(plain.OptionalCalendars, c => IsSameKind(c, used));
        if (index < 0)
            throw new RefusalSignal(culture, $"uses a {used.GetType().Name}, which is not among the calendars of '{culture.Name}'; carry it with a PayloadCodec");
        bool isSame = IsSameKind(plain.DateTimeFormat.Calendar, used);
        writer.WriteByte((byte)(isSame ? 0 : index + 1));
        writer.WriteRaw(used.TwoDigitYearMax);
        if (!isSame)
            plain.DateTimeFormat.Calendar = plain.OptionalCalendars[index];
    }

    private static void ReadCalendar(GraphReader reader, CultureInfo culture)
    {
        int index = reader.ReadByte();
        if (index > culture.OptionalCalendars.Length)
            throw reader.Bad($"The culture '{culture.Name}' has no calendar {index}");
        if (index > 0)
            culture.DateTimeFormat.Calendar = culture.OptionalCalendars[index - 1];
        int year = reader.ReadRaw<int>();
        if (culture.DateTimeFormat.Calendar.TwoDigitYearMax != year)
            culture.DateTimeFormat.Calendar.TwoDigitYearMax = year;
    }

    private static bool IsSameKind(Calendar a, Calendar b) => a.GetType() == b.GetType()
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
            throw new RefusalSignal(comparer, "is a string comparer of its own making; implement IEqualityComparer<string> in a class instead");
        }
    }

    public static StringComparer ReadComparer(GraphReader reader) => reader.ReadByte() switch
    {
        0 => StringComparer.Ordinal,
        1 => StringComparer.OrdinalIgnoreCase,
        2 => CompareInfo.GetCompareInfo(reader.ReadText()).GetStringComparer((CompareOptions)reader.ReadRaw<int>()),
        var other => throw reader.Bad($"{other} is no kind of string comparer"),
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
            if (Same(value, properties[i].GetValue(plain)))
                continue;
            writer.WriteByte((byte)(i + 1));
            writer.Plans.SlotFor(properties[i].PropertyType).WriteBoxed(writer, value);
        }

        writer.WriteByte(0);
    }

    private static void ReadChanges(GraphReader reader, PropertyInfo[] properties, object target)
    {
        for (int index = reader.ReadByte(); index != 0; index = reader.ReadByte())
        {
            if (index > properties.Length)
                throw reader.Bad($"A culture has no format {index}");
            var property = properties[index - 1];
            property.SetValue(target, reader.Plans.SlotFor(property.PropertyType).ReadBoxed(reader));
        }
    }

    private static bool Same(object? a, object? b) =>
        a is Array ? System.Collections.StructuralComparisons.StructuralEqualityComparer.Equals(a, b) : Equals(a, b);
}
