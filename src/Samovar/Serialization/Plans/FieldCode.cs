using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Generated code that writes and reads the fields of a type; for a class, <typeparamref name="T"/> is <see cref="object"/>.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class FieldCode<T>
{
    private FieldCode(Writer write, Reader read)
    {
        Write = write;
        Read = read;
    }

    internal delegate void Writer(GraphWriter writer, ref T value);

    internal delegate void Reader(GraphReader reader, ref T value);

    public Writer Write { get; }

    public Reader Read { get; }

    public static FieldCode<T> Compile(FieldSet fields) => new(
        FieldEmitter.Emit<Writer>(typeof(GraphWriter), typeof(T), fields, FieldEmitter.EmitWrite),
        FieldEmitter.Emit<Reader>(typeof(GraphReader), typeof(T), fields, FieldEmitter.EmitRead));
}

/// <summary>Emits code that does the same as <see cref="FieldSet.Write"/> and <see cref="FieldSet.Read"/> do by reflection.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class FieldEmitter
{
    private const BindingFlags Internal = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly MethodInfo reserve = typeof(GraphWriter).GetMethod(nameof(GraphWriter.Reserve), Internal)!;
    private static readonly MethodInfo writeString = typeof(GraphWriter).GetMethod(nameof(GraphWriter.WriteString), Internal)!;
    private static readonly MethodInfo take = typeof(GraphReader).GetMethod(nameof(GraphReader.Take), Internal)!;
    private static readonly MethodInfo readString = typeof(GraphReader).GetMethod(nameof(GraphReader.ReadString), Internal)!;

    public static TDelegate Emit<TDelegate>(Type graph, Type location, FieldSet fields, Action<ILGenerator, FieldSet, Action<ILGenerator>> body)
        where TDelegate : Delegate
    {
        var method = new DynamicMethod(
            $"{graph.Name} {fields.Type.Name}", typeof(void), [typeof(SlotPlan[]), graph, location.MakeByRefType()],
            typeof(FieldEmitter).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        body(il, fields, LoadTarget);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<TDelegate>(fields.RestSlots);

        void LoadTarget(ILGenerator target)
        {
            target.Emit(OpCodes.Ldarg_2);
            if (!location.IsValueType) target.Emit(OpCodes.Ldind_Ref);
        }
    }

    public static void EmitWrite(ILGenerator il, FieldSet fields, Action<ILGenerator> loadTarget)
    {
        if (fields.Raw.Length > 0)
        {
            var at = il.DeclareLocal(typeof(byte).MakeByRefType());
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, fields.RawBytes);
            il.Emit(OpCodes.Call, reserve);
            il.Emit(OpCodes.Stloc, at);
            int offset = 0;
            for (int i = 0; i < fields.Raw.Length; offset += fields.RawSlots[i++].LeastBytes)
            {
                LoadAddress(il, at, offset);
                loadTarget(il);
                il.Emit(OpCodes.Ldfld, fields.Raw[i]);
                il.Emit(OpCodes.Unaligned, (byte)1);
                il.Emit(OpCodes.Stobj, fields.Raw[i].FieldType);
            }
        }

        for (int i = 0; i < fields.Rest.Length; i++)
        {
            var field = fields.Rest[i];
            if (field.FieldType == typeof(string))
            {
                il.Emit(OpCodes.Ldarg_1);
                loadTarget(il);
                il.Emit(OpCodes.Ldfld, field);
                il.Emit(OpCodes.Call, writeString);
                continue;
            }

            LoadSlot(il, i);
            il.Emit(OpCodes.Ldarg_1);
            loadTarget(il);
            il.Emit(OpCodes.Ldfld, field);
            il.Emit(OpCodes.Callvirt, SlotMethod(field.FieldType, nameof(SlotPlan<int>.Write)));
        }
    }

    public static void EmitRead(ILGenerator il, FieldSet fields, Action<ILGenerator> loadTarget)
    {
        if (fields.Raw.Length > 0)
        {
            var at = il.DeclareLocal(typeof(byte).MakeByRefType());
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, fields.RawBytes);
            il.Emit(OpCodes.Call, take);
            il.Emit(OpCodes.Stloc, at);
            int offset = 0;
            for (int i = 0; i < fields.Raw.Length; offset += fields.RawSlots[i++].LeastBytes)
                EmitReadRaw(il, fields.Raw[i], at, offset, loadTarget);
        }

        for (int i = 0; i < fields.Rest.Length; i++)
        {
            var field = fields.Rest[i];
            loadTarget(il);
            if (field.FieldType == typeof(string))
            {
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Call, readString);
            }
            else
            {
                LoadSlot(il, i);
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Callvirt, SlotMethod(field.FieldType, nameof(SlotPlan<int>.Read)));
            }

            il.Emit(OpCodes.Stfld, field);
        }
    }

    /// <summary>Reads and validates one unmanaged value; called by generated code for types with invalid bit patterns.</summary>
    internal static TField ReadChecked<TField>(GraphReader reader, ref byte at)
    {
        var value = Unsafe.ReadUnaligned<TField>(ref at);
        BlittableSlot<TField>.Verify(reader, new ReadOnlySpan<TField>(in value));
        return value;
    }

    private static void EmitReadRaw(ILGenerator il, FieldInfo field, LocalBuilder at, int offset, Action<ILGenerator> loadTarget)
    {
        loadTarget(il);
        if (field.FieldType.IsEnum || (field.FieldType.IsPrimitive && field.FieldType != typeof(bool)))
        {
            LoadAddress(il, at, offset);
            il.Emit(OpCodes.Unaligned, (byte)1);
            il.Emit(OpCodes.Ldobj, field.FieldType);
        }
        else
        {
            il.Emit(OpCodes.Ldarg_1);
            LoadAddress(il, at, offset);
            il.Emit(OpCodes.Call, typeof(FieldEmitter).GetMethod(nameof(ReadChecked), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(field.FieldType));
        }

        il.Emit(OpCodes.Stfld, field);
    }

    private static void LoadAddress(ILGenerator il, LocalBuilder at, int offset)
    {
        il.Emit(OpCodes.Ldloc, at);
        if (offset == 0) return;
        il.Emit(OpCodes.Ldc_I4, offset);
        il.Emit(OpCodes.Add);
    }

    private static void LoadSlot(ILGenerator il, int index)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldelem_Ref);
    }

    private static MethodInfo SlotMethod(Type field, string name) => typeof(SlotPlan<>).MakeGenericType(field).GetMethod(name)!;
}
