using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Tests.Map.Methods;

/// <summary>What a parameter's value is made of.</summary>
public sealed class ItemParsersTests
{
    [ProcessTheory]
    [InlineData(nameof(Text), "a b", "a b")]
    [InlineData(nameof(Whole), "-12", "-12")]
    [InlineData(nameof(Real), "2.5", "2.5")]
    [InlineData(nameof(Yes), "true", "True")]
    [InlineData(nameof(Day), "monday", "Monday")]
    [InlineData(nameof(Perhaps), "", "")]
    [InlineData(nameof(Perhaps), "7", "7")]
    [InlineData(nameof(Moment), "2026-01-31", "01/31/2026")]
    [InlineData(nameof(Time), "01:30:00", "01:30:00")]
    [InlineData(nameof(Key), "6e0b5ba5-6c69-4f2e-8f4b-2a9a8d5d6c35", "6e0b5ba5-6c69-4f2e-8f4b-2a9a8d5d6c35")]
    [InlineData(nameof(Place), "https://example.org/a", "https://example.org/a")]
    [InlineData(nameof(Paper), "/tmp/a.txt", "/tmp/a.txt")]
    [InlineData(nameof(Numbers), "[1,2]", "System.Int32[]")]
    [InlineData(nameof(Node), "{\"a\":1}", "{\"a\":1}")]
    [InlineData(nameof(Element), "[1,true]", "[1,true]")]
    [InlineData(nameof(Record), "{\"NAME\":\"tea\",\"count\":\"3\"}", "Order { Name = tea, Count = 3, IsPaid = False, Size = Small }")]
    public void A_value_is_made_of_the_text_of_an_item(string parameter, string text, string value) =>
        Say(Parse(parameter, ItemFormat.Text, text)).ShouldBe(value);

    [ProcessTheory]
    [InlineData(nameof(Text), "\"a\\tb\"", "a\tb")]
    [InlineData(nameof(Text), "12", "12")]
    [InlineData(nameof(Whole), "\"12\"", "12")]
    [InlineData(nameof(Day), "\"friday\"", "Friday")]
    public void A_json_value_is_taken_for_the_text_it_says(string parameter, string json, string value) =>
        Say(Parse(parameter, ItemFormat.Json, json)).ShouldBe(value);

    [ProcessTheory]
    [InlineData(nameof(Whole), "1.5")]
    [InlineData(nameof(Whole), "")]
    [InlineData(nameof(Day), "someday")]
    [InlineData(nameof(Numbers), "1,2")]
    [InlineData(nameof(Record), "{\"count\":3}")]
    [InlineData(nameof(Record), "null")]
    public void What_is_no_such_value_is_refused(string parameter, string text) =>
        (Should.Throw<Exception>(() => Parse(parameter, ItemFormat.Text, text)) is FormatException or JsonException).ShouldBeTrue();

    // One answer wherever the text comes from: a line, a string of JSON, a field of a record.
    [ProcessTheory]
    [InlineData(nameof(Whole), " 5 ", "5")]
    [InlineData(nameof(Whole), "1,000", null)]
    [InlineData(nameof(Whole), "5-", null)]
    [InlineData(nameof(Whole), "99999999999", null)]
    [InlineData(nameof(Real), "1,5", null)]
    [InlineData(nameof(Real), "1e-5", "1E-05")]
    [InlineData(nameof(Real), "1e999", null)]
    [InlineData(nameof(Real), "-Infinity", "-Infinity")]
    [InlineData(nameof(Money), "1,5", null)]
    [InlineData(nameof(Money), "1e-5", "0.00001")]
    [InlineData(nameof(Money), " 2.50\t", "2.50")]
    [InlineData(nameof(Money), "(5)", null)]
    [InlineData(nameof(Huge), "123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData(nameof(Yes), " TRUE", "True")]
    [InlineData(nameof(Yes), "1", "True")]
    [InlineData(nameof(Yes), "yes", null)]
    [InlineData(nameof(Day), "Monday,Tuesday", null)]
    [InlineData(nameof(Day), "99", null)]
    [InlineData(nameof(Day), "3", "Wednesday")]
    [InlineData(nameof(Day), " friday", "Friday")]
    [InlineData(nameof(Options), "Multiline, ignorecase", "IgnoreCase, Multiline")]
    [InlineData(nameof(Options), "3", "IgnoreCase, Multiline")]
    [InlineData(nameof(Options), "None,other", null)]
    [InlineData(nameof(Options), "1048576", null)]
    [InlineData(nameof(Instant), "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.0000000Z")]
    [InlineData(nameof(Instant), "2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.0000000Z")]
    [InlineData(nameof(Instant), "2026-01-31 12:00:00.5", "2026-01-31T12:00:00.5000000")]
    [InlineData(nameof(Instant), "2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.1234567Z")]
    [InlineData(nameof(Instant), "2026-01-31", "2026-01-31T00:00:00.0000000")]
    [InlineData(nameof(Instant), "01/02/2026", null)]
    [InlineData(nameof(Offset), "2026-01-31T12:00", "2026-01-31T12:00:00.0000000+00:00")]
    [InlineData(nameof(Offset), "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00.0000000+02:00")]
    [InlineData(nameof(Moment), "01/02/2026", null)]
    [InlineData(nameof(Clock), "13:45:59.5", "13:45:59.5000000")]
    [InlineData(nameof(Clock), "1:45 PM", null)]
    [InlineData(nameof(Time), "1.02:03:04.5", "1.02:03:04.5000000")]
    [InlineData(nameof(Time), "5", null)]
    [InlineData(nameof(Address), "192.0.2.1", "192.0.2.1")]
    [InlineData(nameof(Address), "5", null)]
    [InlineData(nameof(Card), "00-11-22-33-44-ff", "0011223344FF")]
    [InlineData(nameof(Card), " 0011223344FF ", "0011223344FF")]
    [InlineData(nameof(Card), "00-11-2", null)]
    [InlineData(nameof(Card), "", null)]
    [InlineData(nameof(Letter), " ", " ")]
    [InlineData(nameof(Symbol), " ", " ")]
    [InlineData(nameof(Symbol), "é", "é")]
    [InlineData(nameof(Symbol), "😀", "😀")]
    [InlineData(nameof(Symbol), "ab", null)]
    [InlineData(nameof(Symbol), "", null)]
    [InlineData(nameof(Perhaps), "null", "")]
    [InlineData(nameof(Mark), "<7>", "7")]
    [InlineData(nameof(Mark), " <7>", null)]
    [InlineData(nameof(Key), " 6e0b5ba56c694f2e8f4b2a9a8d5d6c35", "6e0b5ba5-6c69-4f2e-8f4b-2a9a8d5d6c35")]
    public void Lines_json_and_fields_give_one_answer(string parameter, string text, string? value)
    {
        Type type = ParameterOf(parameter).ParameterType;
        string json = JsonSerializer.Serialize(text);
        Func<object?>[] ways =
        [
            () => Parse(parameter, ItemFormat.Text, text),
            () => Parse(parameter, ItemFormat.Json, json),
            () => JsonSerializer.Deserialize($"[{json}]", type.MakeArrayType(), ValueJson.Reading).ShouldBeAssignableTo<Array>()!.GetValue(0),
            () => JsonSerializer.Deserialize($"[{json}]", type.MakeArrayType(), ValueJson.Fields).ShouldBeAssignableTo<Array>()!.GetValue(0),
        ];
        foreach (Func<object?> way in ways)
        {
            if (value is null) (Should.Throw<Exception>(way) is FormatException or OverflowException or JsonException).ShouldBeTrue();
            else Precise(way()).ShouldBe(value);
        }
    }

    [ProcessTheory]
    [InlineData(nameof(Day), "99")]
    [InlineData(nameof(Whole), "1.5")]
    [InlineData(nameof(Text), "{oops")]
    [InlineData(nameof(Text), "1 2")]
    [InlineData(nameof(Text), "null")]
    [InlineData(nameof(Record), "{\"name\":\"a\",\"count\":1,\"name\":\"b\"}")]
    public void Json_that_is_malformed_or_of_another_kind_is_refused(string parameter, string json) =>
        (Should.Throw<Exception>(() => Parse(parameter, ItemFormat.Json, json)) is FormatException or OverflowException or JsonException).ShouldBeTrue();

    [ProcessFact]
    public void A_number_of_json_and_the_object_of_a_type_that_can_parse_are_read_too()
    {
        Parse(nameof(Huge), ItemFormat.Json, "123456789012345678901234567890").ShouldBe(BigInteger.Parse("123456789012345678901234567890", CultureInfo.InvariantCulture));
        Parse(nameof(Mark), ItemFormat.Json, "{\"number\":7}").ShouldBe(new Marked(7));
        JsonSerializer.Deserialize<Dictionary<int, DayOfWeek>>("{\"1\":\"monday\"}", ValueJson.Reading)!.ShouldBe(new() { [1] = DayOfWeek.Monday });
    }

    private static string Precise(object? value) => value is DateTime or DateTimeOffset or TimeOnly
        ? ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture)
        : Say(value);

    private static string Say(object? value) => value is JsonNode node ? node.ToJsonString() : string.Create(CultureInfo.InvariantCulture, $"{value}");

    private static object? Parse(string method, ItemFormat form, string text)
    {
        ParameterInfo parameter = ParameterOf(method);
        ItemParsers.WhyNot(parameter.ParameterType).ShouldBeNull();
        var parser = (Delegate)typeof(ItemParsers).GetMethod(nameof(ItemParsers.For))!.MakeGenericMethod(parameter.ParameterType).Invoke(null, [form, parameter])!;
        try
        {
            return parser.DynamicInvoke(text);
        }
        catch (TargetInvocationException thrown)
        {
            throw thrown.InnerException!;
        }
    }

    private static ParameterInfo ParameterOf(string method) =>
        typeof(ItemParsersTests).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.GetParameters()[0];

    private static void Text(string value) => _ = value;

    private static void Whole(int value) => _ = value;

    private static void Real(double value) => _ = value;

    private static void Yes(bool value) => _ = value;

    private static void Day(DayOfWeek value) => _ = value;

    private static void Perhaps(int? value) => _ = value;

    private static void Moment(DateOnly value) => _ = value;

    private static void Time(TimeSpan value) => _ = value;

    private static void Key(Guid value) => _ = value;

    private static void Place(Uri value) => _ = value;

    private static void Paper(FileInfo value) => _ = value;

    private static void Numbers(int[] value) => _ = value;

    private static void Node(JsonNode value) => _ = value;

    private static void Element(JsonElement value) => _ = value;

    private static void Record(Order value) => _ = value;

    private static void Money(decimal value) => _ = value;

    private static void Huge(BigInteger value) => _ = value;

    private static void Options(RegexOptions value) => _ = value;

    private static void Instant(DateTime value) => _ = value;

    private static void Offset(DateTimeOffset value) => _ = value;

    private static void Clock(TimeOnly value) => _ = value;

    private static void Address(IPAddress value) => _ = value;

    private static void Card(PhysicalAddress value) => _ = value;

    private static void Letter(char value) => _ = value;

    private static void Symbol(Rune value) => _ = value;

    private static void Mark(Marked value) => _ = value;

    /// <summary>Has a <c>Parse</c> of its own.</summary>
    public sealed record Marked(int Number) : IParsable<Marked>
    {
        public static Marked Parse(string s, IFormatProvider? provider) => TryParse(s, provider, out Marked? mark) ? mark : throw new FormatException($"'{s}' is no mark");

        public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Marked result)
        {
            result = s is ['<', .. var number, '>'] ? new Marked(int.Parse(number, provider)) : null;
            return result is not null;
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}");
    }
}
