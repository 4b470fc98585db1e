using FsCheck;
using FsCheck.Fluent;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class PropertyTests : ShippingTests
{
    private static readonly Config config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300).WithEndSize(60);

    private protected PropertyTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Any_values_come_back()
    {
        Holds<int[]>();
        Holds<string[]>();
        Holds<double[]>((a, b) => a.Select(BitConverter.DoubleToInt64Bits).SequenceEqual(b.Select(BitConverter.DoubleToInt64Bits)));
        Holds<List<string>>();
        Holds<List<DateTime>>();
        Holds<DateTimeOffset[]>();
        Holds<decimal[]>((a, b) => a.SelectMany(decimal.GetBits).SequenceEqual(b.SelectMany(decimal.GetBits)));
        Holds<bool?[]>();
        Holds<System.Numerics.BigInteger[]>();
        Holds<Tuple<int, string, Guid>[]>();
        Holds<object[]>((a, b) => a.SequenceEqual(b));
    }

    [ThreadFact]
    public void Any_text_comes_back() =>
        Check.One(config, Prop.ForAll<char[]>(units => ShipOnce(new string(units)) == new string(units)));

    [ThreadFact]
    public void Any_tables_come_back()
    {
        Check.One(config, Prop.ForAll<(int Key, string Value)[]>(pairs =>
        {
            var map = pairs.DistinctBy(p => p.Key).ToDictionary(p => p.Key, p => p.Value);
            return ShipOnce(map).OrderBy(p => p.Key).SequenceEqual(map.OrderBy(p => p.Key));
        }));
        Check.One(config, Prop.ForAll<(string Left, int Right)[]>(keys => ShipOnce(keys.ToHashSet()).SetEquals(keys)));
    }

    [ThreadFact]
    public void Any_graph_keeps_its_shape()
    {
        // A graph is a number of nodes and, for each, which others it refers to: circles and shared parts appear by themselves.
        var graphs = Gen.Sized(size => Gen.Choose(1, Math.Max(1, size)).SelectMany(count =>
            Gen.Choose(-1, count - 1).ListOf(count * 3).Select(edges => Graph.From(count, [.. edges]))));
        Check.One(config, Prop.ForAll(graphs.ToArbitrary(), graph =>
            graph[0].Describe() == ShipOnce(graph)[0].Describe() && graph[0].Describe() == ShipOnce<object>(graph[0]).ShouldBeOfType<Graph>().Describe()));
    }

    private void Holds<T>(Func<T, T, bool>? same = null)
        where T : System.Collections.IEnumerable =>
        Check.One(config, Prop.ForAll<T>(value => same is null
            ? ShipOnce(value).Cast<object>().SequenceEqual(value.Cast<object>())
            : same(value, ShipOnce(value))));

    private sealed class Graph
    {
        private int _number;
        private Graph? _left;
        private object? _any;
        private readonly Dictionary<string, Graph> _named = [];
        private Graph?[] _many = [];

        public static Graph[] From(int count, int[] edges)
        {
            var nodes = Enumerable.Range(0, count).Select(i => new Graph { _number = i }).ToArray();
            for (int i = 0; i < count; i++)
            {
                int left = edges[i * 3], any = edges[(i * 3) + 1], many = edges[(i * 3) + 2];
                nodes[i]._left = left < 0 ? null : nodes[left];
                nodes[i]._any = any < 0 ? $"{i}" : any % 2 == 0 ? nodes[any] : new List<Graph> { nodes[any] };
                nodes[i]._many = many < 0 ? [] : [nodes[many], null, nodes[i]];
                if (many >= 0) nodes[i]._named["n"] = nodes[many];
            }

            return nodes;
        }

        /// <summary>The graph as text: nodes by the order in which they are met.</summary>
        public string Describe()
        {
            var order = new Dictionary<Graph, int>(ReferenceEqualityComparer.Instance);
            var queue = new Queue<Graph>();
            var text = new System.Text.StringBuilder();
            int Name(Graph? node)
            {
                if (node is null) return -1;
                if (!order.TryGetValue(node, out int name))
                {
                    order[node] = name = order.Count;
                    queue.Enqueue(node);
                }

                return name;
            }

            Name(this);
            while (queue.TryDequeue(out var node))
            {
                string any = node._any switch
                {
                    Graph other => $"g{Name(other)}",
                    List<Graph> list => $"l{Name(list[0])}",
                    var text1 => $"{text1}",
                };
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{node._number}:{Name(node._left)},{any},{string.Join('/', node._many.Select(Name))},{string.Join('/', node._named.Values.Select(Name))};");
            }

            return text.ToString();
        }
    }
}

public sealed class CompiledProperties() : PropertyTests(PlanCompilation.AtOnce);

public sealed class ReflectedProperties() : PropertyTests(PlanCompilation.Never);
