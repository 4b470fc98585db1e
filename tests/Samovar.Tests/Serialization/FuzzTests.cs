using Samovar.Stress.Shipping;

namespace Samovar.Tests.Serialization;

public sealed class FuzzTests
{
    [ThreadFact]
    public void Ten_thousand_altered_messages_give_a_value_or_a_typed_error_in_bounded_memory_and_time()
    {
        var fuzzer = new ShippingFuzzer();
        for (int seed = 0; seed < 10_000; seed++) fuzzer.Step(seed);
        fuzzer.Failures.ShouldBeEmpty();
        fuzzer.Cases.ShouldBe(10_000);
        fuzzer.Values.ShouldBeGreaterThan(500);
        fuzzer.Errors.ShouldBeGreaterThan(500);
    }
}
