using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks.Serialization;

/// <summary>The serialization cost of a submit: a delegate and its arguments, written and read.</summary>
[MemoryDiagnoser]
public class ShippingDelegates
{
    private readonly ShippingConnection _connection = new();

    /// <summary>Goal: at most 150 ns.</summary>
    [Benchmark]
    public int Lambda_and_two_ints()
    {
        var (add, a, b) = _connection.RoundTrip(((Func<int, int, int>)(static (x, y) => x + y), 3, 4));
        return add(a, b);
    }

    /// <summary>Goal: at most 500 ns.</summary>
    [Benchmark]
    public string Closure_over_int_string_and_record()
    {
        int number = 5;
        string text = "some text";
        var person = new Person("Ann", 30);
        return _connection.RoundTrip(() => number > 0 ? text : person.Name)();
    }

    [Benchmark(Baseline = true, Description = "the same closure, created and called without serialization")]
    public string Closure_alone()
    {
        int number = 5;
        string text = "some text";
        var person = new Person("Ann", 30);
        Func<string> closure = () => number > 0 ? text : person.Name;
        return closure();
    }

    private sealed record Person(string Name, int Age);
}
