using System.Collections;
using System.Collections.Immutable;
using System.Collections.Specialized;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.FSharp.Collections;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Tests.Map.Methods;

/// <summary>What becomes of a method's result.</summary>
public sealed class ResultTextsTests
{
    private const string Elements = " because only its elements are written; use a record with both, or a plain collection, instead";

    [ProcessFact]
    public void Values_that_have_a_lossless_text_are_written_as_it()
    {
        const string trace = "0123456789abcdef0123456789abcdef";
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
        Written(new Rune('é'), "é", "\"é\"");
        Written<Rune?>(null, null, "null");
        Written(PhysicalAddress.Parse("00-11-22-33-44-55"), "001122334455", "\"001122334455\"");
        Written<EndPoint>(new UnixDomainSocketEndPoint("/tmp/a.sock"), "/tmp/a.sock", "\"/tmp/a.sock\"");
        Written(new ActivityContext(ActivityTraceId.CreateFromString(trace), default, default).TraceId, trace, $"\"{trace}\"");
        Written(ActivitySpanId.CreateFromString("0123456789abcdef"), "0123456789abcdef", "\"0123456789abcdef\"");
        Written(OSPlatform.Linux, "LINUX", "\"LINUX\"");
        Written(new AssemblyName("Tea, Version=1.2.0.0"), "Tea, Version=1.2.0.0", "\"Tea, Version=1.2.0.0\"");
        Written(new UniqueId("urn:tea"), "urn:tea", "\"urn:tea\"");
        Written(new XStreamingElement("a", new XElement("b")), "<a><b /></a>", "\"<a><b /></a>\"");
        Written(FormattableStringFactory.Create("{0} of {1}", 1.5, 2), "1.5 of 2", "\"1.5 of 2\"");
        Written(new NFloat(1.5), "1.5", "1.5");
        Written(NFloat.NaN, "NaN", "\"NaN\"");
        Written<BigInteger?>(null, null, "null");
        Written(new Dictionary<Rune, Rune> { [new Rune('a')] = new Rune('b') }, "{\"a\":\"b\"}");
        Written<object>(new Rune('é'), "é", "\"é\"");
        ResultTexts.For<StackTrace>(ResultForm.Text)(new StackTrace()).ShouldNotBeNull().ShouldContain("Values_that_have_a_lossless_text");
    }

    [ProcessFact]
    public void Values_that_json_knows_are_written_whole()
    {
        Written((Half)1.5, "1.5", "1.5");
        Written(Int128.MinValue, "-170141183460469231731687303715884105728", "-170141183460469231731687303715884105728");
        Written(UInt128.MaxValue, "340282366920938463463374607431768211455", "340282366920938463463374607431768211455");
        Written(Guid.Empty, "00000000-0000-0000-0000-000000000000", "\"00000000-0000-0000-0000-000000000000\"");
        Written(new Uri("https://example.org/a%20b?c=%2F"), "https://example.org/a%20b?c=%2F", "\"https://example.org/a%20b?c=%2F\"");
        Written(new BitArray([true, false]), "[true,false]");
        Has(new DnsEndPoint("example.org", 80), "\"host\":\"example.org\"", "\"port\":80");
        Has(new MailAddress("a@example.org", "A"), "\"address\":\"a@example.org\"", "\"displayName\":\"A\"");
        Has(TimeZoneInfo.Utc, "\"id\":\"UTC\"");

        static void Has<T>(T value, params string[] parts)
        {
            string json = ResultTexts.For<T>(ResultForm.Json)(value).ShouldNotBeNull();
            foreach (string part in parts) json.ShouldContain(part);
        }
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

    [ProcessFact]
    public void A_collection_without_members_of_its_own_is_written_as_its_elements()
    {
        Written(new Plain { 1, 2 }, "[1,2]");
        Written<List<int>>(new Plain { 1 }, "[1]");
        Written<object>(new Plain { 1 }, "[1]");
        Written(new Marked { ["a"] = 1 }, "{\"a\":1}");
        Written(new Ring<int>([1, 2]), "[1,2]");
        Written(ListModule.OfSeq<int>([1, 2]), "[1,2]");
        Written(Counting(2), "[0,1]");
        Written<object>(Counting(2), "[0,1]");
        Written<IEnumerable<int>>(Counting(4).Where(n => n > 1), "[2,3]");
    }

    [ProcessFact]
    public void A_collection_that_turns_out_to_have_members_of_its_own_is_an_error_and_not_its_elements()
    {
        const string why = "a Tagged would lose its Name, Unit" + Elements;
        var tagged = new Tagged { 1, 2 };
        Refused<List<int>>(tagged, why);
        Refused<IReadOnlyList<int>>(tagged, why);
        Refused<object>(tagged, why);
        Refused<List<int>[]>([[1], tagged], why);
        Refused(new Readings("r", tagged), why);
        Refused<IDictionary<string, object>>(new Dictionary<string, object> { ["a"] = tagged }, why);
        Refused<IEnumerable<IEnumerable<int>>>(Counting(3).GroupBy(n => n % 2), "a Grouping<int, int> would lose its Key" + Elements);
        Refused<Array>(new int[1, 2], "a int[,] has several dimensions; use an array of arrays instead");
    }

    [ProcessFact]
    public void A_value_that_turns_out_to_have_no_text_is_an_error_and_not_an_empty_object()
    {
        Refused<object>(new Opaque(), "a Opaque has state but no public property or field");
        Refused<object>(new MemoryStream(), "a MemoryStream has no text representation");
        Refused(new Dictionary<string, object> { ["a"] = typeof(int) }, "a RuntimeType has no text representation");
        Written<object>(new Empty(), "{}");
        Written(new object(), "{}");
    }

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
    [InlineData(typeof(Rune))]
    [InlineData(typeof(PhysicalAddress))]
    [InlineData(typeof(ActivityContext))]
    [InlineData(typeof(EndPoint))]
    [InlineData(typeof(MailAddress))]
    [InlineData(typeof(DnsEndPoint))]
    [InlineData(typeof(BitArray))]
    [InlineData(typeof(Dictionary<Rune, PhysicalAddress>))]
    [InlineData(typeof(Plain))]
    [InlineData(typeof(Marked))]
    [InlineData(typeof(Ring<int>))]
    [InlineData(typeof(FSharpList<int>))]
    [InlineData(typeof(FSharpMap<string, int>))]
    [InlineData(typeof(IQueryable<int>))]
    [InlineData(typeof(ImmutableSortedDictionary<string, int>))]
    public void What_can_be_written_is_known_beforehand(Type type) => ResultTypes.WhyNot(type).ShouldBeNull();

    [ProcessTheory]
    [InlineData(typeof(Stream), "a Stream has no text representation")]
    [InlineData(typeof(int[,]), "a int[,] has several dimensions; use an array of arrays instead")]
    [InlineData(typeof(Func<int>), "a Func<int> has no text representation")]
    [InlineData(typeof(Type), "a Type has no text representation")]
    [InlineData(typeof(Regex), "a Regex has no text representation")]
    [InlineData(typeof(Task<int>), "a Task<int> must be awaited in the method")]
    [InlineData(typeof(List<ValueTask<int>?>), "its element is a ValueTask<int>, which must be awaited in the method")]
    [InlineData(typeof((int, Brewing)), "its Item2 is a Brewing, which must be awaited in the method")]
    [InlineData(typeof(IEnumerator<int>), "a IEnumerator<int> must be read to its end in the method; use an array or a list instead")]
    [InlineData(typeof(XmlReader), "a XmlReader has no text representation")]
    [InlineData(typeof(Opaque), "a Opaque has state but no public property or field")]
    [InlineData(typeof(List<Opened>), "its element.Body is a Stream, which has no text representation")]
    [InlineData(typeof(Dictionary<(int, int), int>),
        "a Dictionary<ValueTuple<int, int>, int> has keys of type ValueTuple<int, int>, which have no text representation")]
    public void What_cannot_be_written_is_known_beforehand(Type type, string why) => ResultTypes.WhyNot(type).ShouldBe(why);

    [ProcessTheory]
    [InlineData(typeof(Tagged), "a Tagged would lose its Name, Unit")]
    [InlineData(typeof(Tags), "a Tags would lose its Owner")]
    [InlineData(typeof(ITagged), "a ITagged would lose its Name")]
    [InlineData(typeof(List<Grid>), "its element is a Grid, which would lose its Rows")]
    [InlineData(typeof(ILookup<string, int>), "its element is a IGrouping<string, int>, which would lose its Key")]
    [InlineData(typeof(NameValueCollection), "a NameValueCollection would lose its values")]
    public void A_collection_with_members_of_its_own_is_known_beforehand(Type type, string why) => ResultTypes.WhyNot(type).ShouldBe(why + Elements);

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

    private static void Refused<T>(T value, string why)
    {
        foreach (ResultForm form in Enum.GetValues<ResultForm>())
            Should.Throw<UnwritableResultException>(() => ResultTexts.For<T>(form)(value)).Message.ShouldBe($"The result cannot be written: {why}.");
    }

    private static IEnumerable<int> Counting(int count)
    {
        for (int i = 0; i < count; i++) yield return i;
    }

    public class Plain : List<int>;

    internal sealed class Tagged : List<int>
    {
        public string Unit = "g";

        public string Name => "tea";
    }

    public class Tags : Dictionary<string, int>
    {
        public string? Owner { get; init; }
    }

    public class Marked : Dictionary<string, int>
    {
        [JsonIgnore]
        public string? Owner { get; init; }
    }

    public interface ITagged : IEnumerable<int>
    {
        string Name { get; }
    }

    /// <summary>A container of no data but its elements.</summary>
    public class Ring<T>(T[] elements) : IReadOnlyList<T>
    {
        public int Count => elements.Length;

        public bool IsEmpty => elements.Length == 0;

        public int Capacity => elements.Length;

        public T this[int index] => elements[index];

        public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)elements).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public struct Grid : IEnumerable<double>
    {
        public int Rows { get; init; }

        public readonly IEnumerator<double> GetEnumerator() => Enumerable.Empty<double>().GetEnumerator();

        readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public record Readings(string Place, List<int> Values);

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
