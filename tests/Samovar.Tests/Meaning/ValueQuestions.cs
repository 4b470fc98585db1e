using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Samovar.Tests.Meaning;

/// <summary>Captured values: equality, order and every bit of them, in the task and of what it returns.</summary>
internal static class ValueQuestions
{
    private static readonly CultureInfo s_invariant = CultureInfo.InvariantCulture;

    public static Questions All { get; } = Build();

    private static Questions Build()
    {
        var list = new Questions();
        Value(list, "a dictionary with a comparer", "1 1 0", new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Tea"] = 1 },
            static map => $"{map["TEA"]} {map.Count} {map.GetValueOrDefault("tee")}");
        Value(list, "a dictionary with a comparer of one's own", "4", new Dictionary<string, int>(new ByLength()) { ["four"] = 4 }, static map => $"{map["abcd"]}");
        Value(list, "a dictionary's order, after a removal", "c b d", Removed(new Dictionary<string, int> { ["a"] = 0, ["b"] = 1, ["d"] = 2 }),
            static map => string.Join(' ', map.Keys));
        Value(list, "a HashSet's order, after a removal and another item", "c b d e", Removed(new HashSet<string> { "a", "b", "d" }), static set =>
        {
            set.Remove("e");
            set.Add("e");
            return string.Join(' ', set);
        });
        Value(list, "a sorted set with a comparer", "c b a", new SortedSet<string>(Comparer<string>.Create(static (x, y) => string.CompareOrdinal(y, x))) { "a", "c", "b" },
            static set => string.Join(' ', set));
        Value(list, "a priority queue's order", "b a c", new PriorityQueue<string, int>([("c", 3), ("a", 2), ("b", 1)]), static queue =>
        {
            var copy = new PriorityQueue<string, int>(queue.UnorderedItems);
            return $"{copy.Dequeue()} {copy.Dequeue()} {copy.Dequeue()}";
        });
        Value(list, "a record and a derived record", "True False True", (Cup)new Mug("tea", 2.5), static cup =>
            $"{cup == new Mug("tea", 2.5)} {cup == new Cup("tea")} {cup.GetHashCode() == new Mug("tea", 2.5).GetHashCode()}");
        Value(list, "a struct with NaN and minus zero", "True True 7FF8000000001234 -0", new Floats(BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_1234), -0.0), static value =>
            $"{value.Equals(new Floats(double.NaN, 0.0))} {double.IsNaN(value.A)} {BitConverter.DoubleToUInt64Bits(value.A):X} {value.B.ToString(s_invariant)}");
        Value(list, "strings with lone surrogates and zeros", "D800 61 0 DC00", "\uD800a\0\uDC00", static text => string.Join(' ', text.Select(static c => $"{(int)c:X}")));
        Value(list, "a decimal's scale, and its minus zero", "1.10 3 80020000", (1.10m, new decimal(0, 0, 0, isNegative: true, 2)), static values =>
            $"{values.Item1.ToString(s_invariant)} {(values.Item1 * 0.1m).Scale} {decimal.GetBits(values.Item2)[3]:X}");
        Value(list, "kinds of DateTime", "Utc Local Unspecified 639055872000000001", new[]
        {
            new DateTime(639_055_872_000_000_001, DateTimeKind.Utc), new DateTime(639_055_872_000_000_001, DateTimeKind.Local), new DateTime(639_055_872_000_000_001, DateTimeKind.Unspecified),
        }, static times => $"{string.Join(' ', times.Select(static time => time.Kind))} {times.Select(static time => time.Ticks).Distinct().Single()}");
        Value(list, "an offset", "+05:30 True", new DateTimeOffset(2026, 2, 1, 12, 0, 0, new TimeSpan(5, 30, 0)), static time =>
            $"{time.ToString("zzz", s_invariant)} {time == new DateTimeOffset(2026, 2, 1, 6, 30, 0, TimeSpan.Zero)}");
        Value(list, "a time zone of one's own", "Tea/Time 04:00:00 True", TimeZoneInfo.CreateCustomTimeZone("Tea/Time", TimeSpan.FromHours(4), "tea", "tea"), static zone =>
            $"{zone.Id} {zone.BaseUtcOffset} {zone.Equals(TimeZoneInfo.CreateCustomTimeZone("Tea/Time", TimeSpan.FromHours(4), "tea", "tea"))}");
        Value(list, "numbers of every size", "-170141183460469231731687303715884105728 1E+30 6.104E-05 1000000000000000000000", (Int128.MinValue, 1e30f, (Half)6.1035156e-5, BigInteger.Pow(10, 21)), static numbers =>
            string.Create(s_invariant, $"{numbers.Item1} {numbers.Item2} {numbers.Item3} {numbers.Item4}"));
        Value(list, "an array with other bounds", "5..6 9", Bounded(), static array => $"{array.GetLowerBound(0)}..{array.GetUpperBound(0)} {array.GetValue(6)}");
        Value(list, "an undefined value of an enum", "77 True", (DayOfWeek)77, static day => $"{day} {day == (DayOfWeek)77}");
        Value(list, "an immutable dictionary's comparer", "1", ImmutableDictionary.Create<string, int>(StringComparer.OrdinalIgnoreCase).Add("a", 1), static map => $"{map["A"]}");
        Value(list, "two references to one object, and a circle", "True True", Circle(), static pair => $"{ReferenceEquals(pair[0], pair[1])} {ReferenceEquals(((object[])pair[2])[2], pair[2])}");
        Value(list, "a type", "True Dictionary`2", typeof(Dictionary<,>), static type => $"{type == typeof(Dictionary<,>)} {type.Name}");
        Value(list, "a delegate of several parts", "ab", (Action<List<string>>)Delegate.Combine((Action<List<string>>)A, (Action<List<string>>)B), static action =>
        {
            List<string> calls = [];
            action(calls);
            return string.Concat(calls);
        });
        Value(list, "a Random, drawn from in one task", "668 140 125", new Func<Random>(static () => new Random(42)), static make =>
        {
            var random = make();
            return $"{random.Next(1000)} {random.Next(1000)} {random.Next(1000)}";
        });
        list.Same("the result of a task", "1.10 -0 Local D800", static async executor =>
        {
            var (number, zero, time, text) = await executor.Submit(static () => (1.10m, -0.0, new DateTime(1, DateTimeKind.Local), "\uD800"));
            return $"{number.ToString(s_invariant)} {zero.ToString(s_invariant)} {time.Kind} {(int)text[0]:X}";
        });
        return list;
    }

    /// <summary>Asks the value in a task that has captured it, and again after it came back as a result.</summary>
    private static void Value<T>(Questions list, string text, string answer, T value, Func<T, string> ask) =>
        list.Same(text, answer, async executor =>
        {
            var (inside, returned) = await executor.Submit(Asking(value, ask));
            string outside = ask(returned);
            return inside == outside ? inside : $"{inside} in the task, {outside} as its result";
        });

    private static Func<(string, T)> Asking<T>(T value, Func<T, string> ask) => () => (ask(value), value);

    private static Dictionary<string, int> Removed(Dictionary<string, int> map)
    {
        map.Remove("a");
        map.Add("c", 3);
        return map;
    }

    private static HashSet<string> Removed(HashSet<string> set)
    {
        set.Remove("a");
        set.Add("c");
        return set;
    }

    private static Array Bounded()
    {
        var array = Array.CreateInstance(typeof(int), [2], [5]);
        array.SetValue(9, 6);
        return array;
    }

    private static object[] Circle()
    {
        object shared = new();
        object[] circle = [shared, shared, null!];
        circle[2] = circle;
        return circle;
    }

    private static void A(List<string> calls) => calls.Add("a");

    private static void B(List<string> calls) => calls.Add("b");

    private record Cup(string Content);

    private sealed record Mug(string Content, double Size) : Cup(Content);

    private readonly record struct Floats(double A, double B);

    private sealed class ByLength : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x?.Length == y?.Length;

        public int GetHashCode(string text) => text.Length;
    }
}
