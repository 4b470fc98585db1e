using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The slots of the most common value types. Because they are named here, their code is in the library's precompiled image; for other types
/// it is compiled in each worker, which takes some milliseconds with the first value.</summary>
internal static class CommonSlots
{
    /// <summary>Returns the slot of a common type; null for every other type.</summary>
    public static SlotPlan? SlotOf(Type type)
    {
        if (type == typeof(int)) return new BlittableSlot<int>();
        if (type == typeof(long)) return new BlittableSlot<long>();
        if (type == typeof(double)) return new BlittableSlot<double>();
        if (type == typeof(bool)) return new BlittableSlot<bool>();
        if (type == typeof(byte)) return new BlittableSlot<byte>();
        return type == typeof(float) ? new BlittableSlot<float>() : null;
    }
}
