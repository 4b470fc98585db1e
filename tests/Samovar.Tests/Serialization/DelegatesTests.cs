using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Tests.Serialization;

public abstract class DelegatesTests : ShippingTests
{
    private protected DelegatesTests(PlanCompilation compilation)
        : base(compilation)
    {
    }

    [ThreadFact]
    public void Lambdas_without_captures_travel_in_a_few_bytes()
    {
        Func<int, int, int> add = static (a, b) => a + b;
        Ship(add)(2, 3).ShouldBe(5);
        var writer = new ShippingWriter(Options);
        using var body = writer.Prepare((add, 1, 2));
        body.Length.ShouldBeLessThan(16);
    }

    [ThreadFact]
    public void Closures_carry_their_captures()
    {
        int number = 5;
        string text = "five";
        var list = new List<int> { 1, 2 };
        var record = new Person("Ann", 30);
        Func<string> closure = () => $"{number}{text}{list.Count}{record.Name}";
        Ship(closure)().ShouldBe("5five2Ann");
    }

    [ThreadFact]
    public void Later_changes_do_not_travel()
    {
        int number = 1;
        Func<int> closure = () => number++;
        var copy = Ship(closure);
        number = 100;
        copy().ShouldBe(1);
        copy().ShouldBe(2);
        number.ShouldBe(100);
    }

    [ThreadFact]
    public void Nested_scopes_travel()
    {
        int outer = 1;
        var all = new List<Func<int>>();
        for (int i = 0; i < 3; i++)
        {
            int inner = i * 10;
            all.Add(() => outer + inner);
        }

        outer = 5;
        Ship(all).ConvertAll(f => f()).ShouldBe([5, 15, 25]);
    }

    [ThreadFact]
    public void Lambdas_over_one_variable_share_it_on_arrival()
    {
        int counter = 0;
        Func<int> increment = () => ++counter;
        Func<int> read = () => counter;
        var (up, look) = Ship((increment, read));
        up();
        up();
        look().ShouldBe(2);
        counter.ShouldBe(0);
    }

    [ThreadFact]
    public void Generic_closures_travel()
    {
        MakeGeneric("text")().ShouldBe("text");
        Ship(MakeGeneric("text"))().ShouldBe("text");
        Ship(MakeGeneric(5))().ShouldBe(5);
        Ship(MakeGeneric(new Person("Bob", 1)))().Name.ShouldBe("Bob");
        Ship(MakeGenericStatic<string>())("a").ShouldBe("String:a");
        Ship(MakeGenericStatic<int>())(1).ShouldBe("Int32:1");
        Ship(MakeGenericStatic<object>())("o").ShouldBe("Object:o");
        Ship(new Outer<string>("x").Make(3))().ShouldBe("x3");
        Ship(new Outer<object>("y").Make("z"))().ShouldBe("yz");
    }

    [ThreadFact]
    public void Shared_generic_code_is_distinguished()
    {
        Func<string> ofString = Name<string>, ofObject = Name<object>, ofUri = Name<Uri>;
        Ship(ofString)().ShouldBe("String");
        Ship(ofObject)().ShouldBe("Object");
        Ship(ofUri)().ShouldBe("Uri");
        Ship<Func<string>>(new Outer<string>("a").TypeName)().ShouldBe("String");
        Ship<Func<string>>(new Outer<object>("b").TypeName)().ShouldBe("Object");
        Ship<Func<string>>(new Outer<Uri>("c").TypeName)().ShouldBe("Uri");
    }

    [ThreadFact]
    public void Lambdas_that_use_this_carry_the_object()
    {
        var owner = new Owner(7);
        Ship(owner.UsesThis())(3).ShouldBe(21);
        Ship(owner.UsesThisAndLocal(2))(3).ShouldBe(42);
    }

    [ThreadFact]
    public void Local_functions_and_method_groups_travel()
    {
        int captured = 4;
        int Local(int x) => x + captured;
        static int StaticLocal(int x) => x * 2;
        Ship<Func<int, int>>(Local)(1).ShouldBe(5);
        Ship<Func<int, int>>(StaticLocal)(4).ShouldBe(8);
        Ship<Func<string, int>>(int.Parse)("12").ShouldBe(12);
        Ship<Func<double, double>>(Math.Sqrt)(9).ShouldBe(3);
        Ship<Func<int, int>>(new Owner(3).Times)(5).ShouldBe(15);
        Ship<Func<string>>(new Person("Ann", 3).ToString)().ShouldContain("Ann");
        Ship<Func<int>>(5.GetHashCode)().ShouldBe(5);
        Ship<Func<IEnumerable<int>, int>>(Enumerable.Sum)([1, 2]).ShouldBe(3);
        Ship<Func<int>>(new List<int> { 1, 2 }.Count<int>)().ShouldBe(2);
        Ship(OpenInstance())("abc").ShouldBe("ABC");
    }

    [ThreadFact]
    public void Virtual_methods_arrive_bound_to_their_override()
    {
        Shape square = new Square { Side = 3 };
        Ship<Func<double>>(square.Area)().ShouldBe(9);
        for (int i = 0; i < 10; i++) ShipOnce<Func<double>>(square.Area)().ShouldBe(9);
    }

    [ThreadFact]
    public void A_delegate_over_a_method_of_the_base_does_not_arrive_at_the_override()
    {
        for (int i = 0; i < 6; i++)
        {
            ShipOnce(new Square { Side = 3 }.AreaOfBase())().ShouldBe(0);
            ShipOnce(new Square { Side = 3 }.NameOfBase())().ShouldBe("shape of Int32");
            ShipOnce<Func<string>>(new Square().Name<string>)().ShouldBe("square of String");
        }
    }

    [ThreadFact]
    public void Recursive_lambdas_travel()
    {
        Func<int, int> factorial = null!;
        factorial = n => n <= 1 ? 1 : n * factorial(n - 1);
        Ship(factorial)(5).ShouldBe(120);
    }

    [ThreadFact]
    public void Multicast_delegates_keep_their_order()
    {
        var log = new List<string>();
        Action a = () => log.Add("a");
        Action b = () => log.Add("b");
        var (all, copy) = Ship((a + b + a, log));
        all();
        copy.ShouldBe(["a", "b", "a"]);
        log.ShouldBeEmpty();
    }

    [ThreadFact]
    public void Delegates_as_captures_and_arguments_travel()
    {
        Func<int, int> twice = x => x * 2;
        Func<int, int> composed = x => twice(twice(x));
        Ship(composed)(3).ShouldBe(12);
        Ship<Delegate>(composed).ShouldBeOfType<Func<int, int>>()(1).ShouldBe(4);
        Ship(new Dictionary<string, Func<int, int>> { ["twice"] = twice })["twice"](2).ShouldBe(4);
        Ship((Predicate<int>)(x => x > 0))(1).ShouldBeTrue();
        Ship((Comparison<int>)((x, y) => y - x))(1, 2).ShouldBe(1);
        var same = Ship(new[] { twice, twice });
        same[0].ShouldBeSameAs(same[1]);
    }

    [ThreadFact]
    public async Task Async_lambdas_travel()
    {
        int delay = 1;
        Func<Task<int>> work = async () =>
        {
            await Task.Yield();
            return delay + 1;
        };
        (await Ship(work)()).ShouldBe(2);
    }

    [ThreadFact]
    public void Iterator_methods_travel_as_methods()
    {
        int limit = 3;
        IEnumerable<int> Count()
        {
            for (int i = 0; i < limit; i++) yield return i;
        }

        Ship<Func<IEnumerable<int>>>(Count)().ShouldBe([0, 1, 2]);
    }

    [ThreadFact]
    public void Ref_and_custom_delegates_travel()
    {
        Ship<Swap>(static (ref int a, ref int b) => (a, b) = (b, a)).ShouldNotBeNull();
        int x = 1, y = 2;
        Ship<Swap>(static (ref int a, ref int b) => (a, b) = (b, a))(ref x, ref y);
        x.ShouldBe(2);
        Ship<Measure>(static text => text.Length)("abc").ShouldBe(3);
    }

    [ThreadFact]
    public void Closures_shipped_many_times_stay_apart()
    {
        for (int i = 0; i < 20; i++)
        {
            int number = i;
            ShipOnce(() => number * 2)().ShouldBe(i * 2);
        }
    }

    private delegate void Swap(ref int a, ref int b);

    private delegate int Measure(ReadOnlySpan<char> text);

    private static Func<T> MakeGeneric<T>(T value) => () => value;

    private static Func<T, string> MakeGenericStatic<T>() => static x => $"{typeof(T).Name}:{x}";

    private static string Name<T>() => typeof(T).Name;

    private static Func<string, string> OpenInstance() =>
        typeof(string).GetMethod(nameof(string.ToUpperInvariant))!.CreateDelegate<Func<string, string>>();

    private sealed record Person(string Name, int Age);

    private sealed class Owner(int factor)
    {
        private readonly int _factor = factor;

        public Func<int, int> UsesThis() => x => x * _factor;

        public Func<int, int> UsesThisAndLocal(int local) => x => x * _factor * local;

        public int Times(int x) => x * _factor;
    }

    private sealed class Outer<T>(string text)
    {
        public Func<string> Make<TInner>(TInner value) => () => text + value;

        public string TypeName() => text.Length > 0 ? typeof(T).Name : "";
    }

    private class Shape
    {
        public virtual double Area() => 0;

        public virtual string Name<T>() => "shape of " + typeof(T).Name;
    }

    private sealed class Square : Shape
    {
        public double Side { get; init; }

        public override double Area() => Side * Side;

        public override string Name<T>() => "square of " + typeof(T).Name;

        public Func<double> AreaOfBase() => base.Area;

        public Func<string> NameOfBase() => base.Name<int>;
    }
}

public sealed class CompiledDelegates() : DelegatesTests(PlanCompilation.AtOnce);

public sealed class ReflectedDelegates() : DelegatesTests(PlanCompilation.Never);
