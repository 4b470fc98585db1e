using Samovar.Serialization.Closures;

namespace Samovar.Tests.Serialization;

public sealed class FieldMaskTests
{
    [ThreadTheory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(127)]
    public void A_field_is_in_the_set_alone_and_stays_after_a_round_trip(int field)
    {
        var mask = FieldMask.Read(default(FieldMask).With(field).ToBytes());

        Enumerable.Range(0, FieldMask.Capacity).Where(mask.Contains).ShouldBe([field]);
        mask.Count.ShouldBe(1);
    }

    [ThreadFact]
    public void A_union_has_the_fields_of_both()
    {
        var union = default(FieldMask).With(3).With(100) | default(FieldMask).With(100).With(65);

        Enumerable.Range(0, FieldMask.Capacity).Where(union.Contains).ShouldBe([3, 65, 100]);
        union.Count.ShouldBe(3);
    }
}
