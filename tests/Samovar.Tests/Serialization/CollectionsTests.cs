using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Collections.Specialized;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class CollectionsTests : ShippingTests
{
    private protected CollectionsTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Arrays_of_every_shape_travel()
    {
        Items(new[] { 1, 2, 3 });
        Items(Array.Empty<int>());
        Items(new[] { "a", null, "", "a" });
        Items(Array.Empty<string>());
        Items(new[] { true, false });
        Items(new DateTime?[] { null, DateTime.UnixEpoch });
        Items(new[] { new Mixed(1, "one", true), default });
        Items(new[] { new Plain(1, true, 2.5m), default });
        Items(new object?[] { 1, "two", null, 3.0, new[] { 4 } });
        Items(Enumerable.Range(0, 100_000).ToArray());
        Ship<int[]?>(null).ShouldBeNull();
        Ship(new[] { [1, 2], Array.Empty<int>(), null })[0]!.ShouldBe([1, 2]);
        Ship<object[]>(new[] { "covariant" }).ShouldBeOfType<string[]>();
        Ship<Array>(new[] { 1 }).ShouldBe(new[] { 1 });
    }

    [ThreadFact]
    public void Arrays_of_several_dimensions_travel()
    {
        Items(new[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Items(new[, ,] { { { "a" }, { "b" } } });
        Items(new int[0, 5]);
        var bounded = Array.CreateInstance(typeof(string), [2, 2], [-1, 5]);
        bounded.SetValue("x", -1, 5);
        bounded.SetValue("y", 0, 6);
        var copy = Ship(bounded);
        copy.GetLowerBound(0).ShouldBe(-1);
        copy.GetValue(0, 6).ShouldBe("y");
        var odd = Array.CreateInstance(typeof(int), [3], [7]);
        odd.SetValue(5, 9);
        Ship(odd).GetValue(9).ShouldBe(5);
    }

    [ThreadFact]
    public void Lists_travel()
    {
        Items(new List<int> { 1, 2, 3 });
        Items(new List<int>());
        Items(new List<string?> { "a", null });
        Items(new List<Mixed> { new(1, "x", false) });
        Items(new List<List<string>> { new() { "a" }, new() });
        Items(new List<bool> { true, false });
        Items(new List<object?> { 1, null, "x" });
        Ship<IReadOnlyList<int>>([1, 2]).ShouldBe([1, 2]);
        var grown = Ship(new List<int> { 1 });
        grown.Add(2);
        grown.ShouldBe([1, 2]);
        Items(new Named { Title = "derived", Inner = { 1 } }.Inner);
        var derived = new TitledList { "a", "b" };
        derived.Title = "t";
        Ship(derived).Title.ShouldBe("t");
        Ship(derived).ShouldBe(["a", "b"]);
    }

    [ThreadFact]
    public void Dictionaries_keep_their_comparers()
    {
        Ship(new Dictionary<string, int> { ["a"] = 1 })["a"].ShouldBe(1);
        Ship(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 })["A"].ShouldBe(1);
        Ship(new Dictionary<string, int>(StringComparer.InvariantCultureIgnoreCase) { ["a"] = 1 })["A"].ShouldBe(1);
        Ship(new Dictionary<int, string> { [5] = "five" })[5].ShouldBe("five");
        Ship(new Dictionary<Mixed, Mixed> { [new(1, "k", true)] = new(2, "v", false) })[new(1, "k", true)].Text.ShouldBe("v");
        Ship(new Dictionary<int, int>(new ModuloComparer(10)) { [3] = 1 })[13].ShouldBe(1);
        Ship(new Dictionary<Key, string> { [new Key("a", new Key("b", null))] = "x" })[new Key("a", new Key("b", null))].ShouldBe("x");
        Ship(new Dictionary<(int, string), double> { [(1, "a")] = 2 })[(1, "a")].ShouldBe(2);
        Ship(new Dictionary<object, object?> { ["a"] = null, [1] = "one" })[1].ShouldBe("one");
        Ship(new Dictionary<Type, int> { [typeof(int)] = 4 })[typeof(int)].ShouldBe(4);
        Ship(new Dictionary<string, int>(StringComparer.Ordinal)).Comparer.ShouldBe(StringComparer.Ordinal);
        Ship(new Dictionary<int, int>()).Comparer.ShouldBeSameAs(EqualityComparer<int>.Default);
        var byReference = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        byReference[byReference] = 1;
        var copy = Ship(byReference);
        copy[copy].ShouldBe(1);
        Ship(new TitledMap { Title = "t", ["a"] = 1 }).Title.ShouldBe("t");
        Ship(new TitledMap { Title = "t", ["a"] = 1 })["A"].ShouldBe(1);
    }

    [ThreadFact]
    public void A_key_that_shares_parts_with_the_rest_is_complete_before_it_is_hashed()
    {
        var inner = new HashSet<Key> { new("x", null) };
        var keyed = new Dictionary<SetKey, int> { [new SetKey(inner)] = 7 };
        foreach (object[] order in new object[][] { [inner, keyed], [keyed, inner] })
        {
            var copy = Ship(order);
            var map = (Dictionary<SetKey, int>)copy.Single(o => o is Dictionary<SetKey, int>);
            map[new SetKey([new("x", null)])].ShouldBe(7);
        }
    }

    [ThreadFact]
    public void Sets_travel()
    {
        Ship(new HashSet<int> { 1, 2 }).Contains(2).ShouldBeTrue();
        Ship(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "a" }).Contains("A").ShouldBeTrue();
        Ship(new HashSet<Key> { new("a", null) }).Contains(new("a", null)).ShouldBeTrue();
        Ship(new SortedSet<string>(StringComparer.Ordinal) { "b", "a" }).ToArray().ShouldBe(["a", "b"]);
        Ship(new SortedSet<int>(Comparer<int>.Create((a, b) => b - a)) { 1, 3, 2 }).ToArray().ShouldBe([3, 2, 1]);
        var sorted = Ship(new SortedSet<int>(Enumerable.Range(0, 1000)));
        sorted.Add(-1).ShouldBeTrue();
        sorted.Min.ShouldBe(-1);
    }

    [ThreadFact]
    public void Sorted_maps_queues_and_stacks_travel()
    {
        Ship(new SortedDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 2, ["a"] = 1 })["B"].ShouldBe(2);
        Ship(new SortedList<int, string> { [2] = "b", [1] = "a" }).Values.ShouldBe(["a", "b"]);
        Ship(new Queue<string>(["a", "b"])).Dequeue().ShouldBe("a");
        Ship(new Stack<int>([1, 2])).Pop().ShouldBe(2);
        Ship(new LinkedList<string>(["a", "b"])).Last!.Value.ShouldBe("b");
        var queue = new PriorityQueue<string, int>();
        queue.Enqueue("late", 2);
        queue.Enqueue("early", 1);
        Ship(queue).Dequeue().ShouldBe("early");
        Ship(new OrderedDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1, ["a"] = 2 }).GetAt(0).Key.ShouldBe("b");
        Ship(new OrderedDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["b"] = 1 })["B"].ShouldBe(1);
    }

    [ThreadFact]
    public void Concurrent_collections_travel()
    {
        Ship(new ConcurrentDictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 })["A"].ShouldBe(1);
        Ship(new ConcurrentQueue<int>([1, 2, 3])).ShouldBe([1, 2, 3]);
        Ship(new ConcurrentStack<int>([1, 2, 3])).ToArray().ShouldBe([3, 2, 1]);
        Ship(new ConcurrentBag<string>(["a", "b"])).Order().ShouldBe(["a", "b"]);
    }

    [ThreadFact]
    public void Immutable_collections_travel()
    {
        Ship(ImmutableArray.Create(1, 2)).ShouldBe([1, 2]);
        Ship(default(ImmutableArray<int>)).IsDefault.ShouldBeTrue();
        Ship(ImmutableList.Create("a", "b")).ShouldBe(["a", "b"]);
        Ship(ImmutableList<string>.Empty).ShouldBeEmpty();
        Ship(ImmutableStack.Create(1, 2, 3)).ToArray().ShouldBe([3, 2, 1]);
        Ship(ImmutableQueue.Create(1, 2, 3)).ShouldBe([1, 2, 3]);
        Ship(ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase, "a")).Contains("A").ShouldBeTrue();
        Ship(ImmutableHashSet.Create(new Key("a", new Key("b", null)))).Contains(new Key("a", new Key("b", null))).ShouldBeTrue();
        Ship(ImmutableSortedSet.Create(StringComparer.Ordinal, "b", "a")).ToArray().ShouldBe(["a", "b"]);
        var map = ImmutableDictionary.Create<string, int>(StringComparer.OrdinalIgnoreCase).Add("a", 1);
        Ship(map)["A"].ShouldBe(1);
        Ship(map).Add("B", 2)["b"].ShouldBe(2);
        Ship(ImmutableSortedDictionary.Create<int, string>(new DescendingComparer()).Add(1, "a").Add(2, "b")).Keys.ShouldBe([2, 1]);
        Ship(ImmutableSortedDictionary<int, string>.Empty.Add(1, "a")).KeyComparer.ShouldBeSameAs(Comparer<int>.Default);
    }

    [ThreadFact]
    public void Frozen_collections_travel()
    {
        Ship(new Dictionary<string, int> { ["alpha"] = 1, ["beta"] = 2 }.ToFrozenDictionary())["beta"].ShouldBe(2);
        Ship(new Dictionary<string, int> { ["alpha"] = 1 }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase))["ALPHA"].ShouldBe(1);
        Ship(new Dictionary<Key, string> { [new("a", null)] = "x" }.ToFrozenDictionary())[new("a", null)].ShouldBe("x");
        Ship(new[] { 1, 5, 9 }.ToFrozenSet()).Contains(5).ShouldBeTrue();
        Ship(new[] { new Key("a", null) }.ToFrozenSet()).Contains(new("a", null)).ShouldBeTrue();
        Ship(FrozenDictionary<int, int>.Empty).Count.ShouldBe(0);
        Ship(new[] { "a", "b" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase)).Contains("B").ShouldBeTrue();
    }

    [ThreadFact]
    public void Frozen_collections_inside_frozen_collections_are_built_from_the_inside()
    {
        var inner = new[] { new Key("a", null) }.ToFrozenSet();
        var outer = new Dictionary<FrozenKey, int> { [new(inner)] = 1 }.ToFrozenDictionary();
        Ship(outer)[new(new[] { new Key("a", null) }.ToFrozenSet())].ShouldBe(1);
    }

    [ThreadFact]
    public void Old_and_wrapping_collections_travel()
    {
        Ship(new ArrayList { 1, "a" }).ToArray().ShouldBe([1, "a"]);
        Ship(new Hashtable { ["a"] = 1, [2] = "b" })["a"].ShouldBe(1);
        Ship(new Hashtable(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 })["A"].ShouldBe(1);
        Ship(new BitArray([true, false, true])).Cast<bool>().ShouldBe([true, false, true]);
        Ship(new ReadOnlyCollection<int>([1, 2])).ShouldBe([1, 2]);
        Ship(new ReadOnlyDictionary<string, int>(new Dictionary<string, int> { ["a"] = 1 }))["a"].ShouldBe(1);
        Ship(new ObservableCollection<string> { "a" }).ShouldBe(["a"]);
        Ship(new NameValueCollection { { "a", "1" }, { "a", "2" } })["A"].ShouldBe("1,2");
        Ship(new Collection<int> { 1 }).ShouldBe([1]);
        Ship(new KeyedNumbers { 5, 15 }).Contains(1).ShouldBeTrue();
        Ship((Lookup<string, int>)new[] { 1, 2, 3 }.ToLookup(n => n % 2 == 0 ? "even" : "odd"))["odd"].ShouldBe([1, 3]);
        Ship(new Lazy<int>(() => 42)).Value.ShouldBe(42);
        var created = new Lazy<string>(() => "made");
        _ = created.Value;
        Ship(created).IsValueCreated.ShouldBeTrue();
        Ship(created).Value.ShouldBe("made");
    }

    [ThreadFact]
    public void Queries_that_were_not_started_travel_with_their_code()
    {
        int limit = 2;
        var query = new List<int> { 1, 2, 3, 4 }.Where(n => n > limit).Select(n => n * 10);
        Ship(query).ShouldBe([30, 40]);
    }

    [ThreadFact]
    public void A_delegate_over_a_frozen_set_that_holds_the_delegate_is_refused_where_it_is_written()
    {
        var holder = new object[1];
        Func<object, bool> contains = new object[] { holder }.ToFrozenSet().Contains;
        Ship(contains)(holder).ShouldBeFalse();
        holder[0] = contains;
        Refused(contains).Message.ShouldContain("contains itself");
    }

    [ThreadFact]
    public void A_set_that_contains_itself_is_refused_only_where_it_cannot_be_rebuilt()
    {
        var self = new List<object>();
        self.Add(ImmutableList.Create<object>(self));
        var copy = Ship(self);
        ((ImmutableList<object>)copy[0])[0].ShouldBeSameAs(copy);

        var holder = new object[1];
        var frozen = new[] { (object)holder }.ToFrozenSet();
        holder[0] = frozen;
        Refused<object>(frozen).Message.ShouldContain("contains itself");
    }

    private void Items<T>(T value)
        where T : IEnumerable
    {
        var copy = Ship(value);
        copy.ShouldBeOfType(value.GetType());
        copy.Cast<object?>().ShouldBe(value.Cast<object?>());
        if (value is Array array)
        {
            Enumerable.Range(0, array.Rank).Select(array.GetLength).ShouldBe(
                Enumerable.Range(0, array.Rank).Select(((Array)(object)copy).GetLength));
        }
    }

    internal sealed record Key(string Name, Key? Next);

    private readonly record struct Mixed(int Number, string Text, bool Flag);

    private readonly record struct Plain(int Number, bool Flag, decimal Amount);

    private sealed class SetKey(HashSet<Key> set) : IEquatable<SetKey>
    {
        private readonly HashSet<Key> _set = set;

        public bool Equals(SetKey? other) => other is not null && _set.SetEquals(other._set);

        public override bool Equals(object? obj) => Equals(obj as SetKey);

        public override int GetHashCode() => HashSet<Key>.CreateSetComparer().GetHashCode(_set);
    }

    private sealed class FrozenKey(FrozenSet<Key> set) : IEquatable<FrozenKey>
    {
        private readonly FrozenSet<Key> _set = set;

        public bool Equals(FrozenKey? other) => other is not null && _set.SetEquals(other._set);

        public override bool Equals(object? obj) => Equals(obj as FrozenKey);

        public override int GetHashCode() => _set.Aggregate(0, (h, k) => h ^ k.GetHashCode());
    }

    private sealed class ModuloComparer(int modulus) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => x % modulus == y % modulus;

        public int GetHashCode(int obj) => obj % modulus;
    }

    private sealed class DescendingComparer : IComparer<int>
    {
        public int Compare(int x, int y) => y.CompareTo(x);
    }

    private sealed class Named
    {
        public string Title { get; init; } = "";

        public List<int> Inner { get; } = [];
    }

    private sealed class TitledList : List<string>
    {
        public string? Title { get; set; }
    }

    private sealed class TitledMap() : Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)
    {
        public string? Title { get; set; }
    }

    private sealed class KeyedNumbers : KeyedCollection<int, int>
    {
        protected override int GetKeyForItem(int item) => item / 10;
    }
}

public sealed class CompiledCollections() : CollectionsTests(PlanCompilation.AtOnce);

public sealed class ReflectedCollections() : CollectionsTests(PlanCompilation.Never);
