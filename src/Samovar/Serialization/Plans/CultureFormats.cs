using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Samovar.Primitives;

namespace Samovar.Serialization.Plans;

/// <summary>A snapshot of the formats of a culture, to detect whether a writable culture has changed since.</summary>
/// <remarks>Used at each submit under a writable culture, so the getters are called without reflection.</remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class CultureFormats
{
    private static readonly Format<NumberFormatInfo>[] s_numberFormats = Format<NumberFormatInfo>.All(Cultures.NumberFormat);
    private static readonly Format<DateTimeFormatInfo>[] s_dateFormats = Format<DateTimeFormatInfo>.All(Cultures.DateFormat);

    private readonly object?[] _numbers = [];
    private readonly object?[] _dates = [];
    private readonly string _listSeparator = "";
    private readonly Calendar? _calendar; // null for a read-only culture

    public CultureFormats(CultureInfo culture)
    {
        if (culture.IsReadOnly) return;
        _calendar = (Calendar)culture.DateTimeFormat.Calendar.Clone();
        _listSeparator = culture.TextInfo.ListSeparator;
        _numbers = Array.ConvertAll(s_numberFormats, format => format.Of(culture.NumberFormat));
        _dates = Array.ConvertAll(s_dateFormats, format => format.Of(culture.DateTimeFormat));
    }

    /// <summary>Whether the culture from which the snapshot was taken still has the same formats.</summary>
    public bool AreThoseOf(CultureInfo culture) => _calendar is null
        || (Cultures.IsSameKind(culture.DateTimeFormat.Calendar, _calendar)
            && culture.DateTimeFormat.Calendar.TwoDigitYearMax == _calendar.TwoDigitYearMax
            && culture.TextInfo.ListSeparator == _listSeparator
            && AreSame(s_numberFormats, culture.NumberFormat, _numbers)
            && AreSame(s_dateFormats, culture.DateTimeFormat, _dates));

    private static bool AreSame<T>(Format<T>[] formats, T owner, object?[] values)
        where T : class
    {
        for (int i = 0; i < formats.Length; i++)
        {
            if (!formats[i].Is(owner, values[i])) return false;
        }

        return true;
    }

    /// <summary>One property of a <see cref="NumberFormatInfo"/> or a <see cref="DateTimeFormatInfo"/>.</summary>
    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    private abstract class Format<T>
        where T : class
    {
        public static Format<T>[] All(PropertyInfo[] properties) => Array.ConvertAll(properties, static property =>
        {
            var kind = property.PropertyType.IsArray
                ? typeof(ListFormat<,>).MakeGenericType(typeof(T), property.PropertyType.GetElementType()!)
                : typeof(ValueFormat<,>).MakeGenericType(typeof(T), property.PropertyType);
            return (Format<T>)Activator.CreateInstance(kind, property.GetMethod!)!;
        });

        public abstract object? Of(T owner);

        public abstract bool Is(T owner, object? value);
    }

    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    private sealed class ValueFormat<T, TValue>(MethodInfo getter) : Format<T>
        where T : class
    {
        private readonly Func<T, TValue> _get = getter.CreateDelegate<Func<T, TValue>>();

        public override object? Of(T owner) => _get(owner);

        public override bool Is(T owner, object? value) => EqualityComparer<TValue>.Default.Equals(_get(owner), (TValue)value!);
    }

    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    private sealed class ListFormat<T, TElement>(MethodInfo getter) : Format<T>
        where T : class
    {
        private readonly Func<T, TElement[]> _get = getter.CreateDelegate<Func<T, TElement[]>>(); // the getter returns a copy

        public override object Of(T owner) => _get(owner);

        public override bool Is(T owner, object? value) => _get(owner).AsSpan().SequenceEqual((TElement[])value!);
    }
}
