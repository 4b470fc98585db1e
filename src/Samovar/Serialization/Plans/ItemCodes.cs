using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Types;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Writes and reads items of one type. Implemented by structures, so that loops over simple items compile to code without a call per
/// item.</summary>
internal interface IItemCode<T>
{
    /// <summary>Whether an item is complete as soon as it has been read.</summary>
    bool IsComplete { get; }

    int LeastBytes { get; }

    void Write(GraphWriter writer, T value);

    T Read(GraphReader reader);
}

/// <summary>Unmanaged items.</summary>
internal readonly struct RawItem<T> : IItemCode<T>
{
    private static readonly bool hasRules = Blittable.ChecksOf<T>().Length > 0;

    public bool IsComplete => true;

    public int LeastBytes => Unsafe.SizeOf<T>();

    public void Write(GraphWriter writer, T value) => writer.WriteRaw(value);

    public T Read(GraphReader reader)
    {
        var value = reader.ReadRaw<T>();
        if (hasRules) BlittableSlot<T>.Verify(reader, new ReadOnlySpan<T>(in value));
        return value;
    }
}

/// <summary>Strings.</summary>
internal readonly struct TextItem : IItemCode<string?>
{
    public bool IsComplete => true;

    public int LeastBytes => 1;

    public void Write(GraphWriter writer, string? value) => writer.WriteString(value);

    public string? Read(GraphReader reader) => reader.ReadString();
}

/// <summary>All other items, through their slot.</summary>
internal readonly struct SlotItem<T>(SlotPlan<T> slot) : IItemCode<T>
{
    public bool IsComplete => slot.IsComplete;

    public int LeastBytes => slot.LeastBytes;

    public void Write(GraphWriter writer, T value) => slot.Write(writer, value);

    public T Read(GraphReader reader) => slot.Read(reader);
}

/// <summary>Selects the <see cref="IItemCode{T}"/> for items of a type.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class ItemCodes
{
    public static object For(Type item, PlanTable plans) =>
        item == typeof(string) ? new TextItem()
        : plans.IsRaw(item) ? PlanTable.Make<object>(typeof(RawItem<>), [item])
        : PlanTable.Make<object>(typeof(SlotItem<>), [item], plans.SlotFor(item));
}
