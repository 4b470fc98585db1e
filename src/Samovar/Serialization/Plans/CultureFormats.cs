using System.Globalization;
using System.Reflection;

namespace Samovar.Serialization.Plans;

/// <summary>A writable culture as it was at one moment, to see whether it has been changed since.</summary>
/// <remarks>Asked at each submit under such a culture, so it calls its getters without reflection.</remarks>
internal sealed class CultureFormats(CultureInfo culture)
{
    private static readonly Format<NumberFormatInfo>[] s_numberFormats = Format<NumberFormatInfo>.All(Cultures.NumberFormat);
    private static readonly Format<DateTimeFormatInfo>[] s_dateFormats = Format<DateTimeFormatInfo>.All(Cultures.DateFormat);

    // A read-only culture cannot change, and then nothing is kept.
    private readonly CultureInfo? _copy = culture.IsReadOnly ? null : (CultureInfo)culture.Clone();

    /// <summary>Whether the culture that this was made of has its formats still.</summary>
    public bool AreThoseOf(CultureInfo culture) => _copy is null
        || (HasCalendarOf(culture.DateTimeFormat.Calendar)
            && culture.TextInfo.ListSeparator == _copy.TextInfo.ListSeparator
            && AreSame(s_numberFormats, culture.NumberFormat, _copy.NumberFormat)
            && AreSame(s_dateFormats, culture.DateTimeFormat, _copy.DateTimeFormat));

    private bool HasCalendarOf(Calendar used)
    {
        var copied = _copy!.DateTimeFormat.Calendar;
        return Cultures.IsSameKind(used, copied) && used.TwoDigitYearMax == copied.TwoDigitYearMax;
    }

    private static bool AreSame<T>(Format<T>[] formats, T left, T right)
        where T : class
    {
        if (ReferenceEquals(left, right)) return true;
        foreach (var format in formats)
        {
            if (!format.IsSame(left, right)) return false;
        }

        return true;
    }

    /// <summary>One property of a <see cref="NumberFormatInfo"/> or a <see cref="DateTimeFormatInfo"/>.</summary>
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

        public abstract bool IsSame(T left, T right);
    }

    private sealed class ValueFormat<T, TValue>(MethodInfo getter) : Format<T>
        where T : class
    {
        private readonly Func<T, TValue> _get = getter.CreateDelegate<Func<T, TValue>>();

        public override bool IsSame(T left, T right) => EqualityComparer<TValue>.Default.Equals(_get(left), _get(right));
    }

    private sealed class ListFormat<T, TElement>(MethodInfo getter) : Format<T>
        where T : class
    {
        private readonly Func<T, TElement[]> _get = getter.CreateDelegate<Func<T, TElement[]>>();

        public override bool IsSame(T left, T right) => _get(left).AsSpan().SequenceEqual(_get(right));
    }
}
