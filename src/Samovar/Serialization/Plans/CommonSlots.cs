using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>The slots of the most common value types, and the plans of their arrays. Because they are named here, their code is in the library's
/// precompiled image; for other types it is compiled in each worker, which takes some milliseconds with the first value.</summary>
/// <remarks>Naming a struct of the framework would not help: its layout may change with the framework, so no code for it is in the image.</remarks>
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
        if (type == typeof(char)) return new BlittableSlot<char>();
        return type == typeof(float) ? new BlittableSlot<float>() : null;
    }

    /// <summary>Returns the plan for arrays of a common type; null for every other type.</summary>
    public static ObjectPlan? ArrayPlanOf(Type element)
    {
        if (element == typeof(int)) return new RawArrayPlan<int>();
        if (element == typeof(long)) return new RawArrayPlan<long>();
        if (element == typeof(double)) return new RawArrayPlan<double>();
        if (element == typeof(byte)) return new RawArrayPlan<byte>();
        return element == typeof(float) ? new RawArrayPlan<float>() : null;
    }
}
