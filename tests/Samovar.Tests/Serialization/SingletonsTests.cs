using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

/// <summary>What a static read-only field of its own type holds arrives as the same object.</summary>
public abstract class SingletonsTests : ShippingTests
{
    private protected SingletonsTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Values_of_a_hand_written_enumeration_keep_their_identity()
    {
        var order = new Order(1, Status.Paid, [Status.Open, Status.Paid]);
        Func<bool> work = () => order.Status == Status.Paid;
        Ship(work)().ShouldBeTrue();
        var copy = Ship(order);
        copy.ShouldNotBeSameAs(order);
        copy.Status.ShouldBeSameAs(Status.Paid);
        copy.History.ShouldBe([Status.Open, Status.Paid]);
        Ship(Status.Closed).ShouldBeSameAs(Status.Closed);
        Ship<object>(new object[] { Status.Open, Status.Open, "text", order })
            .ShouldBeOfType<object[]>()[1].ShouldBeSameAs(Status.Open);
        Ship(new Dictionary<Status, int> { [Status.Open] = 1 })[Status.Open].ShouldBe(1);
    }

    [ThreadFact]
    public void Objects_that_no_field_names_are_copied_as_before()
    {
        var other = Money.Of(5);
        Ship(other).ShouldNotBeSameAs(other);
        Ship(other).Amount.ShouldBe(5);
        Ship(Money.Zero).ShouldBeSameAs(Money.Zero);
        Ship(new[] { Money.Zero, other, Money.Zero })[2].ShouldBeSameAs(Money.Zero);
    }

    [ThreadFact]
    public void Values_of_derived_and_generic_types_are_named_by_the_field_of_their_base()
    {
        Ship(Shape.Circle).ShouldBeSameAs(Shape.Circle);
        Ship(new List<Shape> { Shape.Square, Shape.Circle }).ShouldBe([Shape.Square, Shape.Circle]);
        Ship(Box<int>.Empty).ShouldBeSameAs(Box<int>.Empty);
        Ship(Box<string>.Empty).ShouldBeSameAs(Box<string>.Empty);
        Ship<object>(Box<string>.Empty).ShouldNotBeSameAs(Box<int>.Empty);
        Ship(TimeProvider.System).ShouldBeSameAs(TimeProvider.System);
        Ship(EventArgs.Empty).ShouldBeSameAs(EventArgs.Empty);
        Ship<IEqualityComparer<string>>(StringComparer.Ordinal).ShouldBeSameAs(StringComparer.Ordinal);
        Ship<IComparer<string>>(ByLength.Instance).ShouldBeSameAs(ByLength.Instance);
    }

    [ThreadFact]
    public void Many_named_objects_are_distinguished()
    {
        var all = Ship(Unit.All);
        all.Length.ShouldBe(10);
        for (int i = 0; i < all.Length; i++) all[i].ShouldBeSameAs(Unit.All[i]);
    }

    [ThreadFact]
    public void An_object_whose_state_changes_travels_with_its_state()
    {
        Settings.Instance.Limit = 7;
        Registry.Instance.Add("a", 1);
        Ship(Settings.Instance).ShouldNotBeSameAs(Settings.Instance);
        Ship(Settings.Instance).Limit.ShouldBe(7);
        Ship(Registry.Instance).Find("a").ShouldBe(1);
    }

    [ThreadFact]
    public void A_named_object_need_not_be_able_to_travel() => Ship(Console.Instance).ShouldBeSameAs(Console.Instance);

    [ThreadFact]
    public void A_field_that_is_null_while_its_type_is_made_is_looked_at_again()
    {
        Early.WhileMade.ShouldNotBeNull().ShouldNotBeSameAs(Early.Second);
        Ship(Early.Second).ShouldBeSameAs(Early.Second);
    }

    [ThreadFact]
    public void A_type_whose_static_constructor_fails_is_copied()
    {
        var value = (Broken)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(Broken));
        Should.Throw<TypeInitializationException>(() => Broken.Instance);
        Ship(value).ShouldNotBeNull();
    }

    [ThreadFact]
    public void A_message_names_no_other_field_and_one_that_is_null_on_arrival_is_reported()
    {
        Should.Throw<ShippingFormatException>(() => Renamed(nameof(Status.Changing))).Message.ShouldContain("static read-only field");
        Should.Throw<ShippingFormatException>(() => Renamed(nameof(Status.Missing))).Message.ShouldContain("'Missing' of Status is null in this process");
        Renamed(nameof(Status.Open)).ShouldBeSameAs(Status.Open);
    }

    // A process in which another field holds the value: the token in the message is exchanged.
    private Status Renamed(string field)
    {
        byte[] message = Shipping.Pack(Status.Paid, Options);
        int at = message.AsSpan().IndexOf(TokenOf(nameof(Status.Paid)));
        TokenOf(field).CopyTo(message, at);
        return Shipping.Unpack<Status>(message, Options);

        static byte[] TokenOf(string name) => BitConverter.GetBytes(typeof(Status).GetField(name)!.MetadataToken);
    }

    [ThreadFact]
    public void A_captured_random_is_refused_and_the_shared_one_is_not()
    {
        var random = new Random(1);
        Func<int> repeats = () => random.Next();
        var refusal = Refused(repeats);
        refusal.MemberPath.ShouldBe("closure.random");
        refusal.Message.ShouldContain("the same numbers");
        refusal.Message.ShouldContain("from a seed and the item's number");

        var shared = Random.Shared;
        Func<Random> fine = () => shared;
        Ship(fine)().ShouldBeSameAs(Random.Shared);
        Random? none = null;
        Ship<Func<bool>>(() => none is null)().ShouldBeTrue();

        // What belongs to an object is part of its state, and what is passed is the task's own.
        var game = new Game(new Random(5));
        Ship(game).Roll().ShouldBe(game.Roll());
        Ship(new Random(3)).Next().ShouldBe(new Random(3).Next());
    }

    private sealed record Order(int Number, Status Status, List<Status> History);

    private sealed class Status
    {
        public static readonly Status Open = new("open");
        public static readonly Status Paid = new("paid");
        public static readonly Status? Missing = Environment.ProcessId < 0 ? Open : null;
        public static Status? Changing = Open;
        private string? _text;

        private Status(string name) => Name = name;

        public static Status Closed { get; } = new("closed");

        public string Name { get; }

        public override string ToString() => _text ??= Name.ToUpperInvariant();
    }

    private sealed class Money(decimal amount)
    {
        public static readonly Money Zero = new(0);

        public decimal Amount => amount;

        public static Money Of(decimal amount) => new(amount);
    }

    private abstract class Shape
    {
        public static readonly Shape Circle = new Round();
        public static readonly Shape Square = new Angular { Corners = 4 };

        private sealed class Round : Shape;

        private sealed class Angular : Shape
        {
            public int Corners { get; set; }
        }
    }

    private sealed class Box<T>
    {
        public static readonly Box<T> Empty = new();
    }

    private sealed class ByLength : IComparer<string>
    {
        public static readonly ByLength Instance = new();

        public int Compare(string? x, string? y) => (x?.Length ?? 0).CompareTo(y?.Length ?? 0);
    }

    private sealed class Unit
    {
        public static readonly Unit A = new("a", "A"), B = new("b"), C = new("c"), D = new("d"), E = new("e");
        public static readonly Unit F = new("f"), G = new("g"), H = new("h"), I = new("i"), J = new("j");
        public static readonly Unit[] All = [A, B, C, D, E, F, G, H, I, J];

        public Unit(params string[] names) => Names = names;

        public string[] Names { get; }
    }

    private sealed class Settings
    {
        public static readonly Settings Instance = new();

        public int Limit { get; set; }
    }

    private sealed class Registry
    {
        public static readonly Registry Instance = new();
        private readonly Dictionary<string, int> _items = [];

        public void Add(string name, int value) => _items[name] = value;

        public int Find(string name) => _items[name];
    }

    private sealed class Console
    {
        public static readonly Console Instance = new(TextWriter.Synchronized(TextWriter.Null)), Other = new(TextWriter.Null);
        private readonly object _owned;

        private Console(TextWriter writer) => _owned = (writer, Thread.CurrentThread);

        public override string ToString() => $"{_owned}";
    }

    private sealed class Early
    {
        public static readonly Early First = new();
        public static readonly Early? WhileMade = Shipping.Unpack<Early>(Shipping.Pack(First));
        public static readonly Early Second = new();
    }

    private sealed class Broken
    {
        public static readonly Broken Instance = Fail();

        private static Broken Fail() => throw new InvalidOperationException("no");
    }

    private sealed class Game(Random random)
    {
        public int Roll() => random.Next();
    }
}

public sealed class CompiledSingletons() : SingletonsTests(PlanCompilation.AtOnce);

public sealed class ReflectedSingletons() : SingletonsTests(PlanCompilation.Never);
