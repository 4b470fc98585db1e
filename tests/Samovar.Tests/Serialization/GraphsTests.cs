using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class GraphsTests : ShippingTests
{
    private protected GraphsTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Shared_references_stay_shared()
    {
        var shared = new Node { Name = "shared" };
        var copy = Ship(new[] { shared, shared, new Node { Next = shared } });
        copy[1].ShouldBeSameAs(copy[0]);
        copy[2].Next.ShouldBeSameAs(copy[0]);
        object box = 5;
        var boxes = Ship(new[] { box, box });
        boxes[1].ShouldBeSameAs(boxes[0]);
    }

    [ThreadFact]
    public void Circles_close_again()
    {
        var a = new Node { Name = "a" };
        var b = new Node { Name = "b", Next = a };
        a.Next = b;
        var copy = Ship(a);
        copy.Next!.Name.ShouldBe("b");
        copy.Next.Next.ShouldBeSameAs(copy);

        var self = new object[1];
        self[0] = self;
        var selfCopy = Ship(self);
        selfCopy[0].ShouldBeSameAs(selfCopy);

        var family = new Dictionary<string, object>();
        family["me"] = family;
        var familyCopy = Ship(family);
        familyCopy["me"].ShouldBeSameAs(familyCopy);
    }

    [ThreadFact]
    public void A_list_of_a_hundred_thousand_links_needs_no_stack()
    {
        Node? list = null;
        for (int i = 0; i < 100_000; i++) list = new Node { Name = "n", Next = list, Number = i };
        OnSmallStack(() =>
        {
            int count = 0;
            for (var node = ShipOnce(list); node is not null; node = node.Next) node.Number.ShouldBe(100_000 - ++count);
            count.ShouldBe(100_000);
        });
    }

    [ThreadFact]
    public void Deep_nests_of_arrays_lists_boxes_and_maps_need_no_stack()
    {
        object arrays = 1, lists = 1, boxes = 1, maps = 1, tuples = 1;
        for (int i = 0; i < 50_000; i++)
        {
            arrays = new[] { arrays };
            lists = new List<object> { lists };
            boxes = new KeyValuePair<int, object>(i, boxes);
            maps = new Dictionary<string, object> { ["deeper"] = maps };
            tuples = Tuple.Create(tuples);
        }

        OnSmallStack(() => ShipOnce(new[] { arrays, lists, boxes, maps, tuples }).Length.ShouldBe(5));
    }

    [ThreadFact]
    public void A_chain_of_closures_needs_no_stack()
    {
        Func<int> chain = () => 0;
        for (int i = 0; i < 20_000; i++)
        {
            var inner = chain;
            chain = () => inner is null ? 0 : 1;
        }

        OnSmallStack(() => ShipOnce(chain)().ShouldBe(1));
    }

    [ThreadFact]
    public void Depth_beyond_the_limit_is_refused_on_both_sides()
    {
        Node? list = null;
        for (int i = 0; i < 100; i++) list = new Node { Next = list };
        var bytes = Shipping.Pack(list, Options);
        var tight = Options with { MaxDepth = 50 };
        Should.Throw<UnshippableException>(() => Shipping.Pack(list, tight)).Message.ShouldContain("MaxDepth");
        Should.Throw<ShippingFormatException>(() => Shipping.Unpack<Node>(bytes, tight)).Message.ShouldContain("50");
    }

    [ThreadFact]
    public void Private_readonly_and_inherited_fields_travel()
    {
        var copy = Ship(new Derived(1, "two") { Third = 3 });
        copy.Sum.ShouldBe("1two3");
        copy.Hidden.ShouldBe(1);
        Ship<Base>(new Derived(4, "x")).ShouldBeOfType<Derived>().Hidden.ShouldBe(4);
    }

    [ThreadFact]
    public void Records_of_every_kind_travel()
    {
        Same(new Positional(1, "a"));
        Same(new Generic<string>("a", [1]) with { Extra = null });
        Same(new Inherited(1, "a", 2.5));
        Same<Positional>(new Inherited(1, "a", 2.5));
        Same(new Value(1, null));
        Same(new WithRequired { Name = "n", Number = 1 });
        Ship(new Positional(1, "a")).GetHashCode().ShouldBe(new Positional(1, "a").GetHashCode());
    }

    [ThreadFact]
    public void Fields_that_their_owner_excluded_arrive_as_default()
    {
        var copy = Ship(new Excluding { Kept = "kept", Left = new MemoryStream() });
        copy.Kept.ShouldBe("kept");
        copy.Left.ShouldBeNull();
        var part = Ship(new[] { new ExcludingValue { Kept = 1, Left = 2 } })[0];
        part.Kept.ShouldBe(1);
        part.Left.ShouldBe(0);
    }

    [ThreadFact]
    public void No_constructor_and_no_setter_runs()
    {
        Counting.Made = 0;
        var original = new Counting(5);
        Ship(original).Number.ShouldBe(5);
        Counting.Made.ShouldBe(1);
    }

    [ThreadFact]
    public void Empty_and_reference_only_structures_travel()
    {
        Ship(new Empty[3]).Length.ShouldBe(3);
        Ship<object>(default(Empty)).ShouldBe(default(Empty));
        Ship(new Holder { Inner = new Wrapper { Text = "deep" } }).Inner.Text.ShouldBe("deep");
        Ship(new object()).ShouldNotBeNull();
        Ship(new Locked()).Sync.ShouldNotBeNull();
    }

    [ThreadFact]
    public void Objects_that_refer_to_themselves_through_interfaces_travel()
    {
        var tree = new Tree("root");
        tree.Add(new Tree("leaf"));
        var copy = Ship<INamed>(tree).ShouldBeOfType<Tree>();
        copy.Children[0].Parent.ShouldBeSameAs(copy);
    }

    [ThreadFact]
    public void An_object_with_members_made_at_run_time_travels_as_its_members()
    {
        dynamic tea = new System.Dynamic.ExpandoObject();
        tea.Name = "Assam";
        tea.Strength = 3;
        tea.Self = tea;
        ((IDictionary<string, object?>)tea).Remove("Strength");
        ((System.ComponentModel.INotifyPropertyChanged)tea).PropertyChanged += (_, _) => GC.KeepAlive(Thread.CurrentThread);

        var copy = Ship((System.Dynamic.ExpandoObject)tea);

        IDictionary<string, object?> members = copy;
        members.Keys.ShouldBe(["Name", "Self"]);
        members["Name"].ShouldBe("Assam");
        members["Self"].ShouldBeSameAs(copy);
        tea.Thread = Thread.CurrentThread;
        Refused<object>((object)tea).MemberPath.ShouldBe("Thread");
    }

    private void Same<T>(T value) => Ship(value).ShouldBe(value);

    private static void OnSmallStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            }, 256 * 1024);
        thread.Start();
        thread.Join();
        if (failure is not null) throw new InvalidOperationException("On the small stack: " + failure.Message, failure);
    }

    private interface INamed
    {
        string Name { get; }
    }

    private sealed class Node
    {
        public string? Name { get; set; }

        public int Number { get; set; }

        public Node? Next { get; set; }
    }

    private sealed class Tree(string name) : INamed
    {
        public string Name { get; } = name;

        public Tree? Parent { get; private set; }

        public List<Tree> Children { get; } = [];

        public void Add(Tree child)
        {
            child.Parent = this;
            Children.Add(child);
        }
    }

    private class Base(int hidden)
    {
        private readonly int _value = hidden;

        public int Hidden => _value;
    }

    private sealed class Derived(int first, string second) : Base(first)
    {
        private readonly string _value = second;

        public int Third { get; init; }

        public string Sum => $"{Hidden}{_value}{Third}";
    }

    private record Positional(int Number, string Text);

    private sealed record Inherited(int Number, string Text, double Extra) : Positional(Number, Text);

    private sealed record Generic<T>(T Item, ValueList Numbers)
    {
        public T? Extra { get; init; } = Item;
    }

    [System.Runtime.CompilerServices.CollectionBuilder(typeof(ValueList), nameof(Create))]
    private sealed record ValueList(int First) : IEnumerable<int>
    {
        public static ValueList Create(ReadOnlySpan<int> items) => new(items[0]);

        public IEnumerator<int> GetEnumerator() => Enumerable.Repeat(First, 1).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private readonly record struct Value(int Number, string? Text);

    private sealed record WithRequired
    {
        public required string Name { get; init; }

        public required int Number { get; init; }
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential)]
    private struct ExcludingValue
    {
        public int Kept;

        [NonSerialized]
        public int Left;
    }

    private sealed class Excluding
    {
        [NonSerialized]
        public Stream? Left;

        public string? Kept { get; set; }
    }

    private sealed class Counting
    {
        public Counting(int number)
        {
            Number = number;
            Made++;
        }

        [field: ThreadStatic]
        public static int Made { get; set; }

        public int Number { get; }
    }

    private struct Empty;

    private sealed class Holder
    {
        public Wrapper Inner { get; set; }
    }

    private struct Wrapper
    {
        public string Text;
    }

    private sealed class Locked
    {
        public Lock Sync { get; } = new();
    }
}

public sealed class CompiledGraphs() : GraphsTests(PlanCompilation.AtOnce);

public sealed class ReflectedGraphs() : GraphsTests(PlanCompilation.Never);
