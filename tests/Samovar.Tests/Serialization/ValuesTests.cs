using System.Globalization;
using System.Net;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class ValuesTests : ShippingTests
{
    private protected ValuesTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Primitives_keep_every_bit()
    {
        Same(true);
        Same('\uD800');
        Same(sbyte.MinValue);
        Same(byte.MaxValue);
        Same(short.MinValue);
        Same(ushort.MaxValue);
        Same(int.MinValue);
        Same(uint.MaxValue);
        Same(long.MinValue);
        Same(ulong.MaxValue);
        Same(double.Epsilon);
        Same(float.NaN);
        Same(decimal.MaxValue);
        Same(-1.500m);
        Same((Half)1.5);
        Same(Int128.MinValue);
        Same(UInt128.MaxValue);
        BitConverter.DoubleToInt64Bits(Ship(-0.0)).ShouldBe(BitConverter.DoubleToInt64Bits(-0.0));
        decimal.GetBits(Ship(1.500m)).ShouldBe(decimal.GetBits(1.500m));
    }

    [ThreadFact]
    public void Times_keep_kind_and_offset()
    {
        var utc = new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc);
        Same(utc);
        Ship(utc).Kind.ShouldBe(DateTimeKind.Utc);
        Ship(DateTime.SpecifyKind(utc, DateTimeKind.Local)).Kind.ShouldBe(DateTimeKind.Local);
        var there = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromHours(-11));
        Ship(there).EqualsExact(there).ShouldBeTrue();
        Same(TimeSpan.MinValue);
        Same(DateOnly.MaxValue);
        Same(TimeOnly.MaxValue);
        Same(DateTime.MaxValue);
        Same(DateTimeOffset.MinValue);
    }

    [ThreadFact]
    public void Small_structures_of_the_runtime_travel()
    {
        Same(Guid.NewGuid());
        Same(new Index(3, fromEnd: true));
        Same(1..^2);
        Same(new Rune(0x1F600));
        Same(new Complex(1, -2));
        Same(new Vector3(1, 2, 3));
        Same(BigInteger.Parse("-123456789012345678901234567890", CultureInfo.InvariantCulture));
        Same(BigInteger.Zero);
    }

    [ThreadFact]
    public void Enums_and_nullables_travel()
    {
        Same(DayOfWeek.Friday);
        Same((DayOfWeek)77);
        Same(ByteEnum.B);
        Same<int?>(null);
        Same<int?>(5);
        Same<DateTime?>(DateTime.UnixEpoch);
        Same<Pair?>(new Pair(1, "x"));
        Same<Pair?>(null);
        Same<object?>(DayOfWeek.Monday);
    }

    [ThreadFact]
    public void Strings_keep_every_unit()
    {
        Same<string?>(null);
        Same("");
        Same("plain ASCII");
        Same("größer 数 😀");
        Same("lone \uD83D half \uDE00 pairs \0 and nulls");
        Same(new string('x', 100_000));
        Same(new string('ж', 100_000));
        foreach (int length in Enumerable.Range(0, 300))
            Same(new string('a', length));
    }

    [ThreadFact]
    public void Boxed_values_travel_as_what_they_are()
    {
        Same<object?>(5);
        Same<object?>("text");
        Same<object?>(1.5m);
        Same<object?>(Guid.Empty);
        Same<object?>(new Pair(3, "three"));
        Same<object?>(new KeyValuePair<string, int>("k", 1));
        Same<object?>(null);
        Ship(new object()).GetType().ShouldBe(typeof(object));
        Ship<object>(DBNull.Value).ShouldBeSameAs(DBNull.Value);
    }

    [ThreadFact]
    public void Tuples_travel()
    {
        Same((1, "two", 3.0));
        Same((1, 2, 3, 4, 5, 6, 7, 8, "nine"));
        Same(Tuple.Create(1, "two"));
        Same(Tuple.Create(1, Tuple.Create("a", 2L)));
        Same(default(ValueTuple));
        Same(new { Name = "anonymous", Age = 3 });
    }

    [ThreadFact]
    public void Memory_travels_as_its_own_elements()
    {
        int[] numbers = [1, 2, 3, 4, 5];
        Ship(numbers.AsMemory(1, 3)).ToArray().ShouldBe([2, 3, 4]);
        Ship<ReadOnlyMemory<int>>(numbers.AsMemory()).ToArray().ShouldBe(numbers);
        Ship("characters".AsMemory(2, 3)).ToString().ShouldBe("ara");
        Ship(default(Memory<byte>)).IsEmpty.ShouldBeTrue();
        Ship(new[] { "a", null, "c" }.AsMemory()).ToArray().ShouldBe(["a", null, "c"]);
        var segment = Ship(new ArraySegment<int>(numbers, 1, 2));
        segment.Offset.ShouldBe(1);
        segment.Array.ShouldBe(numbers);
    }

    [ThreadFact]
    public void Types_and_members_arrive_as_the_same_objects()
    {
        Type[] types =
        [
            typeof(int), typeof(List<string>), typeof(List<>), typeof(Dictionary<string, List<int[]>>), typeof(int[,]), typeof(int[][]), typeof(void),
            typeof(int).MakeByRefType(), typeof(int).MakePointerType(), typeof(List<>).GetGenericArguments()[0], typeof(Pair), typeof(Span<int>),
            typeof(Enumerable).GetMethod(nameof(Enumerable.Empty))!.GetGenericArguments()[0], typeof(int).MakeArrayType(1),
        ];
        foreach (var type in types)
            Ship(type).ShouldBeSameAs(type);
        Ship<object>(typeof(string)).ShouldBeSameAs(typeof(string));

        Same(typeof(string).GetMethod(nameof(string.IsNullOrEmpty))!);
        Same(typeof(List<int>).GetMethod(nameof(List<int>.Add))!);
        Same(typeof(Enumerable).GetMethod(nameof(Enumerable.Empty))!.MakeGenericMethod(typeof(string)));
        Same(typeof(List<int>).GetConstructor([typeof(int)])!);
        Same(typeof(string).GetField(nameof(string.Empty))!);
        Same(typeof(List<string>).GetProperty(nameof(List<string>.Count))!);
        Same(typeof(AppDomain).GetEvent(nameof(AppDomain.AssemblyLoad))!);
        Same(typeof(ShippingTests).Assembly);
        Same(typeof(ShippingTests).Module);
        Ship<MemberInfo>(typeof(string)).ShouldBeSameAs(typeof(string));
    }

    [ThreadFact]
    public void Cultures_travel_with_their_changes()
    {
        Ship(CultureInfo.InvariantCulture).Name.ShouldBe("");
        var changed = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        changed.NumberFormat.NumberDecimalSeparator = ",";
        changed.DateTimeFormat.ShortDatePattern = "yyyy/MM";
        changed.DateTimeFormat.DayNames = ["a", "b", "c", "d", "e", "f", "g"];
        var copy = Ship(changed);
        copy.NumberFormat.NumberDecimalSeparator.ShouldBe(",");
        copy.DateTimeFormat.ShortDatePattern.ShouldBe("yyyy/MM");
        copy.DateTimeFormat.DayNames.ShouldBe(changed.DateTimeFormat.DayNames);
        1.5.ToString(copy).ShouldBe("1,5");
        Ship(CultureInfo.InvariantCulture.CompareInfo).Name.ShouldBe("");
    }

    [ThreadFact]
    public void Cultures_that_were_closed_after_a_change_keep_the_change()
    {
        var changed = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        changed.NumberFormat.NumberDecimalSeparator = "#";
        changed.TextInfo.ListSeparator = "|";
        var copy = Ship(CultureInfo.ReadOnly(changed));
        1.5.ToString(copy).ShouldBe("1#5");
        copy.TextInfo.ListSeparator.ShouldBe("|");
        copy.IsReadOnly.ShouldBeTrue();
        Ship(CultureInfo.CurrentCulture).IsReadOnly.ShouldBe(CultureInfo.CurrentCulture.IsReadOnly);
    }

    [ThreadFact]
    public void Cultures_keep_their_calendar()
    {
        // Of all cultures, since the tests also run where only the invariant one is there.
        foreach (var known in CultureInfo.GetCultures(CultureTypes.AllCultures).Take(5).Prepend(CultureInfo.InvariantCulture))
        {
            foreach (var calendar in known.OptionalCalendars)
            {
                var culture = (CultureInfo)known.Clone();
                culture.DateTimeFormat.Calendar = calendar;
                calendar.TwoDigitYearMax--;
                var copy = Ship(culture);
                copy.DateTimeFormat.Calendar.ShouldBeOfType(calendar.GetType());
                copy.DateTimeFormat.Calendar.TwoDigitYearMax.ShouldBe(culture.DateTimeFormat.Calendar.TwoDigitYearMax);
                new DateTime(2020, 3, 4).ToString("D", copy).ShouldBe(new DateTime(2020, 3, 4).ToString("D", culture));
            }
        }
    }

    [ThreadFact]
    public void Xml_trees_find_their_elements_again()
    {
        XNamespace space = "urn:tea";
        var copy = Ship(new XDocument(new XElement(space + "pots", new XAttribute("n", 1), new XElement(space + "pot", "x"), new XElement("plain"))));
        copy.Root!.Element(space + "pot")!.Value.ShouldBe("x");
        copy.Root.Attribute("n")!.Value.ShouldBe("1");
        copy.Root.Element("plain").ShouldNotBeNull();
        Ship(space + "pot").ShouldBeSameAs(space + "pot");
        Ship(XNamespace.None).ShouldBeSameAs(XNamespace.None);
    }

    [ThreadFact]
    public void Time_zones_travel_with_their_rules()
    {
        Ship(TimeZoneInfo.Utc).ShouldBeSameAs(TimeZoneInfo.Utc);
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
            new DateTime(2000, 1, 1), new DateTime(2030, 12, 31), TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 30));
        var zone = TimeZoneInfo.CreateCustomTimeZone("Tea/Time", TimeSpan.FromMinutes(345), "Tea Time", "Tea", "Tea in summer", [rule]);
        var copy = Ship(zone);
        copy.Id.ShouldBe(zone.Id);
        copy.HasSameRules(zone).ShouldBeTrue();
        var summer = new DateTime(2020, 7, 1, 12, 0, 0, DateTimeKind.Utc);
        TimeZoneInfo.ConvertTime(summer, copy).ShouldBe(TimeZoneInfo.ConvertTime(summer, zone));
        copy.DisplayName.ShouldBe("Tea Time");
        foreach (var known in TimeZoneInfo.GetSystemTimeZones().Take(20))
            Ship(known).HasSameRules(known).ShouldBeTrue(known.Id);
    }

    [ThreadFact]
    public void Texts_of_the_runtime_travel()
    {
        var regex = Ship(new Regex("(?<word>tea+)", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(3)));
        regex.Match("TEAAA").Groups["word"].Value.ShouldBe("TEAAA");
        regex.MatchTimeout.ShouldBe(TimeSpan.FromSeconds(3));
        regex.Options.ShouldBe(RegexOptions.IgnoreCase);
        Same(new Uri("https://example.org/a b?c=ü#d"));
        Same(new Uri("relative/path", UriKind.Relative));
        Same(new Version(1, 2, 3));
        Same(new Version(1, 2));
        Ship(new StringBuilder("built")).ToString().ShouldBe("built");
        Same(IPAddress.Parse("fe80::1%3"));
        Same(IPAddress.Loopback);
        Same(new IPEndPoint(IPAddress.Loopback, 80));
        var address = IPAddress.Parse("10.1.2.3");
        _ = address.GetHashCode();
        Ship(new Dictionary<IPAddress, int> { [address] = 1 })[IPAddress.Parse("10.1.2.3")].ShouldBe(1);
        _ = IPAddress.IPv6Loopback.GetHashCode();
        Ship<object>(IPAddress.IPv6Loopback).ShouldBeOfType<IPAddress>().ShouldBe(IPAddress.IPv6Loopback); // without its cached hash code
        Ship(HttpMethod.Patch).ShouldBeSameAs(HttpMethod.Patch);
        Ship(new HttpMethod("BREW")).Method.ShouldBe("BREW");
        Ship(Encoding.UTF8).CodePage.ShouldBe(65001);
        Ship<Encoding>(new UTF8Encoding(false)).Preamble.Length.ShouldBe(0);
        Ship(Encoding.Latin1).GetBytes("ü").ShouldBe([0xFC]);

        // Not registered here either: the provider of code pages is queried for them.
        var western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        Ship(western).ShouldBe(western);
        Ship(western).GetBytes("€").ShouldBe([0x80]);
        var strict = CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;
        Should.Throw<EncoderFallbackException>(() => Ship(strict).GetBytes("ü"));
        Ship(Encoding.ASCII).CodePage.ShouldBe(20127);
    }

    [ThreadFact]
    public void Json_travels_as_json()
    {
        var node = JsonNode.Parse("""{"a":[1,2.50,"x",null,true],"b":{"c":1e400}}""")!;
        Ship(node).ToJsonString().ShouldBe(node.ToJsonString());
        Ship(node.AsObject()).ToJsonString().ShouldBe(node.ToJsonString());
        Ship(node["a"]!.AsArray()).Count.ShouldBe(5);
        Ship((JsonNode)JsonValue.Create(5)).GetValue<int>().ShouldBe(5);
        using var document = JsonDocument.Parse("""[1,{"a":"b"}]""");
        Ship(document).RootElement[1].GetProperty("a").GetString().ShouldBe("b");
        Ship(document.RootElement[1]).GetRawText().ShouldBe("""{"a":"b"}""");
        Ship(default(JsonElement)).ValueKind.ShouldBe(JsonValueKind.Undefined);
    }

    private void Same<T>(T value) => Ship(value).ShouldBe(value);

    private enum ByteEnum : byte
    {
        A = 0,
        B = 255,
    }

    private readonly record struct Pair(int Number, string Text);
}

public sealed class CompiledValues() : ValuesTests(PlanCompilation.AtOnce);

public sealed class ReflectedValues() : ValuesTests(PlanCompilation.Never);
