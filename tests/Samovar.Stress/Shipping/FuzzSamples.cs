using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;

namespace Samovar.Stress.Shipping;

/// <summary>Valid values of every kind, to be altered.</summary>
internal static class FuzzSamples
{
    public static IEnumerable<object> All()
    {
        int number = 5;
        string text = "captured";
        var list = new List<Node> { new() { Name = "a" } };
        Func<int, int> lambda = static x => x + 1;
        Func<string> closure = () => $"{number}{text}{list.Count}";
        var circle = new Node { Name = "circle" };
        circle.Next = circle;
        Node? chain = null;
        for (int i = 0; i < 50; i++)
            chain = new Node { Name = $"{i}", Next = chain, Number = i };

        yield return 42;
        yield return "plain text";
        yield return "größer 数 😀 \uD800";
        yield return new object[] { 1, 2L, 3.0, 4m, 'c', true, "s", DateTime.UnixEpoch, Guid.Empty, TimeSpan.Zero, (Half)1, Int128.One, BigInteger.One };
        yield return Enumerable.Range(0, 100).ToArray();
        yield return new List<int> { 1, 2, 3 };
        yield return new List<DateTime> { DateTime.UnixEpoch };
        yield return new[] { "a", "b", null, "a" };
        yield return new List<string> { "x", "y" };
        yield return new[,] { { 1, 2 }, { 3, 4 } };
        yield return Array.CreateInstance(typeof(string), [2, 1], [-3, 3]);
        yield return new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1, ["b"] = 2 };
        yield return new Dictionary<Key, object> { [new Key("a", new Key("b", null))] = "v", [new Key("c", null)] = circle };
        yield return new HashSet<Key> { new("a", new Key("b", new Key("c", null))), new("d", null) };
        yield return new HashSet<object> { 1, "a", (1, "b"), Tuple.Create((object)1, "x") };
        yield return new HashSet<(string, Key)> { ("a", new Key("x", null)) };
        yield return new Hashtable { ["a"] = 1, [2] = "b" };
        yield return new ConcurrentDictionary<string, Node> { ["a"] = circle };
        yield return new ConcurrentQueue<string>(["a", "b"]);
        yield return new SortedDictionary<string, int> { ["a"] = 1, ["b"] = 2 };
        yield return new SortedSet<int> { 3, 1, 2 };
        yield return new LinkedList<string>(["a", "b"]);
        yield return ImmutableList.Create(1, 2, 3);
        yield return ImmutableDictionary<string, Key>.Empty.Add("a", new Key("b", null));
        yield return ImmutableSortedSet.Create(StringComparer.Ordinal, "b", "a");
        yield return new Dictionary<Key, int> { [new("a", null)] = 1 }.ToFrozenDictionary();
        yield return new[] { "a", "b", "c" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        yield return circle;
        yield return chain!;
        yield return lambda;
        yield return closure;
        yield return new Func<string>[] { closure, closure };
        yield return lambda + lambda;
        yield return (Func<string, int>)int.Parse;
        yield return new InvalidOperationException("outer", new ArgumentException("inner", "name")) { Data = { ["k"] = 1 } };
        yield return new AggregateException(new FormatException("f"), new TimeoutException("t"));
        yield return new RemoteException("T", "m", "stack");
        yield return new object[] { typeof(Dictionary<string, Node[]>), typeof(List<>), typeof(Node).GetProperties()[0], typeof(string).GetMethods()[0] };
        yield return new Uri("https://example.org/a?b");
        yield return new StringBuilder("builder");
        yield return CultureInfo.InvariantCulture;
        yield return TimeZoneInfo.CreateCustomTimeZone("z", TimeSpan.FromHours(1), "z", "z");
        yield return JsonNode.Parse("""{"a":[1,2,{"b":null}]}""")!;
        yield return new Version(1, 2, 3, 4);
        yield return Tuple.Create(1, "two", new[] { 3.0 });
        yield return (1, "two", (DateTime?)DateTime.UnixEpoch, new Key("k", null));
        yield return new Wide { A = 1, B = "b", C = [1, 2], D = new Key("d", null), E = DayOfWeek.Friday, F = true, G = 1.5m, H = DateTimeOffset.UnixEpoch };
        yield return new[] { new Flat(1, true, DateTime.UnixEpoch), new Flat(2, false, DateTime.UnixEpoch) };
        yield return new Memory<byte>([1, 2, 3]);
        yield return new Stack<Key>([new("s", null)]);
        yield return new PriorityQueue<string, int>([("a", 1)]);
        yield return CancellationToken.None;
        yield return new Lazy<int>(() => 5);
        yield return new BitArray([true, false]);
        yield return list.Where(n => n.Number > number);
    }

    internal sealed record Key(string Name, Key? Next);

    internal readonly record struct Flat(int Number, bool Flag, DateTime Time);

    internal sealed class Node
    {
        public string? Name { get; set; }

        public int Number { get; set; }

        public Node? Next { get; set; }
    }

    internal sealed class Wide
    {
        public int A { get; init; }

        public string? B { get; init; }

        public byte[]? C { get; init; }

        public Key? D { get; init; }

        public DayOfWeek E { get; init; }

        public bool? F { get; init; }

        public decimal G { get; init; }

        public DateTimeOffset H { get; init; }
    }
}
