using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
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
        Say(Parse(parameter, ItemForm.Text, text)).ShouldBe(value);

    [ProcessTheory]
    [InlineData(nameof(Text), "\"a\\tb\"", "a\tb")]
    [InlineData(nameof(Text), "12", "12")]
    [InlineData(nameof(Whole), "\"12\"", "12")]
    [InlineData(nameof(Day), "\"friday\"", "Friday")]
    public void A_json_value_is_taken_for_the_text_it_says(string parameter, string json, string value) =>
        Say(Parse(parameter, ItemForm.Json, json)).ShouldBe(value);

    [ProcessTheory]
    [InlineData(nameof(Whole), "1.5")]
    [InlineData(nameof(Whole), "")]
    [InlineData(nameof(Day), "someday")]
    [InlineData(nameof(Numbers), "1,2")]
    [InlineData(nameof(Record), "{\"count\":3}")]
    [InlineData(nameof(Record), "null")]
    public void What_is_no_such_value_is_refused(string parameter, string text) =>
        (Should.Throw<Exception>(() => Parse(parameter, ItemForm.Text, text)) is FormatException or JsonException).ShouldBeTrue();

    private static string Say(object? value) => value is JsonNode node ? node.ToJsonString() : string.Create(CultureInfo.InvariantCulture, $"{value}");

    private static object? Parse(string method, ItemForm form, string text)
    {
        ParameterInfo parameter = typeof(ItemParsersTests).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.GetParameters()[0];
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
}
