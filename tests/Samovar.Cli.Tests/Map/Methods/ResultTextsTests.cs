using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Tests.Map.Methods;

/// <summary>What becomes of a method's result.</summary>
public sealed class ResultTextsTests
{
    [ProcessFact]
    public void Values_that_have_a_lossless_text_are_written_as_it()
    {
        Written(BigInteger.Pow(10, 30), "1000000000000000000000000000000", "1000000000000000000000000000000");
        Written(new StringBuilder("a\"b"), "a\"b", "\"a\\\"b\"");
        Written(IPAddress.Loopback, "127.0.0.1", "\"127.0.0.1\"");
        Written(new IPEndPoint(IPAddress.Loopback, 80), "127.0.0.1:80", "\"127.0.0.1:80\"");
        Written(IPNetwork.Parse("192.0.2.0/24"), "192.0.2.0/24", "\"192.0.2.0/24\"");
        Written(new Complex(1, -2), "<1; -2>", "\"<1; -2>\"");
        Written(1..^2, "1..^2", "\"1..^2\"");
        Written(Encoding.UTF8, "utf-8", "\"utf-8\"");
        Written(new XElement("a", new XElement("b", "c")), "<a><b>c</b></a>", "\"<a><b>c</b></a>\"");
        Written(new Version(1, 2), "1.2", "\"1.2\"");
        Written<BigInteger?>(null, null, "null");
    }

    [ProcessFact]
    public void Times_are_written_whole()
    {
        Written(new TimeOnly(13, 45, 59, 500), "13:45:59.5000000", "\"13:45:59.5000000\"");
        Written(new DateOnly(2026, 1, 31), "2026-01-31", "\"2026-01-31\"");
        Written(TimeSpan.FromSeconds(1.5), "00:00:01.5000000", "\"00:00:01.5000000\"");
        Written(new DateTime(2026, 1, 31, 12, 0, 0, 500, DateTimeKind.Utc), "2026-01-31T12:00:00.5000000Z", "\"2026-01-31T12:00:00.5Z\"");
    }

    [ProcessFact]
    public void A_derived_value_keeps_what_it_adds_wherever_it_is()
    {
        const string circle = "{\"radius\":2,\"name\":\"c\"}";
        Written<Shape>(new Circle("c", 2), circle, circle);
        Written<INamed>(new Circle("c", 2), circle, circle);
        Written<object>(new Circle("c", 2), circle, circle);
        Written<object>("text", "text", "\"text\"");
        Written<IComparable>(7, "7", "7");
        Written(new List<Shape> { new("s"), new Circle("c", 2) }, $"[{{\"name\":\"s\"}},{circle}]", $"[{{\"name\":\"s\"}},{circle}]");
        Written(new Holder(new Circle("c", 2), new Circle("c", 2)), $"{{\"shape\":{circle},\"named\":{circle}}}", $"{{\"shape\":{circle},\"named\":{circle}}}");
        Written(new Tree("t", [new Leaf("l", [], 5)]), "{\"name\":\"t\",\"parts\":[{\"size\":5,\"name\":\"l\",\"parts\":[]}]}");
    }

    [ProcessFact]
    public void A_derived_value_that_no_contract_knows_is_an_error_and_not_its_base() =>
        Should.Throw<NotSupportedException>(() => ResultTexts.For<List<Shape>>(ResultForm.Json)([new Boxed<int>("b", 1)]));

    [ProcessTheory]
    [InlineData(typeof(int))]
    [InlineData(typeof(string))]
    [InlineData(typeof(object))]
    [InlineData(typeof(Order))]
    [InlineData(typeof(Holder))]
    [InlineData(typeof(Tree))]
    [InlineData(typeof(Empty))]
    [InlineData(typeof(XElement))]
    [InlineData(typeof(byte[]))]
    [InlineData(typeof(int[][]))]
    [InlineData(typeof((int, string)))]
    [InlineData(typeof(JsonElement))]
    [InlineData(typeof(Dictionary<IPAddress, BigInteger>))]
    [InlineData(typeof(IReadOnlyDictionary<string, Order[]>))]
    public void What_can_be_written_is_known_beforehand(Type type) => ResultTypes.WhyNot(type).ShouldBeNull();

    [ProcessTheory]
    [InlineData(typeof(Stream), "a Stream has no text")]
    [InlineData(typeof(int[,]), "a int[,] has several dimensions; an array of arrays can be written")]
    [InlineData(typeof(Func<int>), "a Func<int> has no text")]
    [InlineData(typeof(Type), "a Type has no text")]
    [InlineData(typeof(Regex), "a Regex has no text")]
    [InlineData(typeof(Task<int>), "a Task<int> has no text")]
    [InlineData(typeof(Opaque), "a Opaque holds values, but has no public property or field")]
    [InlineData(typeof(List<Opened>), "its element.Body is a Stream, which has no text")]
    [InlineData(typeof(Dictionary<(int, int), int>), "a Dictionary<ValueTuple<int, int>, int> has keys of type ValueTuple<int, int>, which have no text")]
    public void What_cannot_be_written_is_known_beforehand(Type type, string why) => ResultTypes.WhyNot(type).ShouldBe(why);

    [ProcessTheory]
    [InlineData(typeof(int), "")]
    [InlineData(typeof(IPAddress), "")]
    [InlineData(typeof(Order), "name count isPaid size")]
    [InlineData(typeof(Shape), "name radius")]
    [InlineData(typeof(INamed), "name radius")]
    [InlineData(typeof(Dictionary<string, int>), null)]
    [InlineData(typeof(object), null)]
    public void The_columns_of_a_result_are_those_of_all_that_it_can_be(Type type, string? columns) =>
        ResultTypes.Columns(type).ShouldBe(columns?.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static void Written<T>(T value, string? text, string? json = null)
    {
        ResultTexts.For<T>(ResultForm.Text)(value).ShouldBe(text);
        ResultTexts.For<T>(ResultForm.Json)(value).ShouldBe(json ?? text);
    }

    public interface INamed
    {
        string Name { get; }
    }

    public record Shape(string Name) : INamed;

    public record Circle(string Name, int Radius) : Shape(Name);

    public record Boxed<T>(string Name, T Content) : Shape(Name);

    public record Holder(Shape Shape, INamed Named);

    public class Tree(string name, List<Tree> parts)
    {
        public string Name => name;

        public List<Tree> Parts => parts;
    }

    public class Leaf(string name, List<Tree> parts, int size) : Tree(name, parts)
    {
        public int Size => size;
    }

    public record Empty;

    public class Opaque
    {
        private readonly int _secret = CultureInfo.InvariantCulture.LCID;

        public override string ToString() => $"{_secret}";
    }

    public record Opened(string Name, Stream Body);
}
