using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Primitives;

/// <summary>The values that a delegate captured, for people who look at a program. Reads fields only, and calls no code of the program: a value of a type
/// that the program defines is named by its type. Does not throw.</summary>
internal static class CapturedData
{
    private const int Deepest = 4;
    private const int MostValues = 64;

    private static readonly ConditionalWeakTable<Type, FieldInfo[]> s_fields = [];

    /// <summary>Returns the captured values with their names, the first item of a map as <c>item</c>, and the object of a method as <c>this</c>.</summary>
    public static List<(string Name, Type Type, object? Value)> Of(Delegate work)
    {
        List<(string, Type, object?)> values = [];
        if (work.Target is IItemWork { Count: > 0 } items)
        {
            object? first = items.First;
            values.Add(("item", first?.GetType() ?? typeof(object), first));
            work = items.Work;
        }

        if (work.Target is not { } target) return values;
        if (IsClosure(target.GetType())) AddFields(values, target, 0);
        else if (!target.GetType().IsDefined(typeof(CompilerGeneratedAttribute))) values.Add(("this", target.GetType(), target));
        return values;
    }

    /// <summary>Returns the size of the captured arrays, lists and strings, in bytes; that of other objects is not known and counts as nothing.</summary>
    public static long SizeOf(Delegate work) => Of(work).Sum(static captured => SizeWithin(captured.Value, 0));

    /// <summary>Returns the largest captured array, list or string, as <c>milk (byte[])</c>; null without any.</summary>
    public static string? LargestOf(Delegate work)
    {
        var captured = Of(work);
        if (captured.Count == 0) return null;
        var (name, _, value) = captured.MaxBy(static one => SizeWithin(one.Value, 0));
        return value is not null && SizeWithin(value, 0) > 0 ? $"{name} ({NameOf(value.GetType())})" : null;
    }

    /// <summary>Returns the size of an array, a list or a string in bytes; 0 for other values.</summary>
    public static long SizeOf(object? value) => value switch
    {
        string text => (long)text.Length * sizeof(char),
        Array array => array.LongLength * WidthOf(array.GetType().GetElementType()!),
        IList list when list.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(List<>) => (long)list.Count * IntPtr.Size,
        _ => 0,
    };

    private static int WidthOf(Type element) => Type.GetTypeCode(element) switch
    {
        TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte => sizeof(byte),
        TypeCode.Char or TypeCode.Int16 or TypeCode.UInt16 => sizeof(short),
        TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => sizeof(int),
        TypeCode.Decimal => sizeof(decimal),
        _ => sizeof(long), // also a reference; of another structure this is too little
    };

    private static long SizeWithin(object? value, int depth)
    {
        if (value is null || depth > Deepest) return 0;
        long own = SizeOf(value);
        if (own > 0 || value is string or Array or Delegate || value.GetType() is { IsValueType: true } or { Namespace: "System" }) return own;
        return FieldsOf(value.GetType()).Sum(field => field.FieldType.IsPrimitive ? 0 : SizeOf(Read(field, value)));
    }

    private static void AddFields(List<(string, Type, object?)> values, object closure, int depth)
    {
        foreach (var field in FieldsOf(closure.GetType()))
        {
            if (values.Count >= MostValues) return;
            object? value = Read(field, closure);
            if (value is not null && depth < Deepest && field.Name.StartsWith("CS$<>8__locals", StringComparison.Ordinal)) AddFields(values, value, depth + 1);
            else if (field.Name == "<>4__this") values.Add(("this", field.FieldType, value));
            else if (!field.Name.StartsWith("<>", StringComparison.Ordinal)) values.Add((NameOf(field), field.FieldType, value));
        }
    }

    /// <summary>Returns the name of a type as in the source.</summary>
    public static string NameOf(Type type) => type switch
    {
        { IsArray: true } => $"{NameOf(type.GetElementType()!)}[]",
        { IsGenericType: true } => $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>",
        { IsPrimitive: true } => type == typeof(int) ? "int" : type == typeof(long) ? "long" : type.Name.ToLowerInvariant(),
        _ => type == typeof(string) ? "string" : type.Name,
    };

    /// <summary>Whether a type is the compiler's, for the variables that a lambda captures.</summary>
    private static bool IsClosure(Type type) => type.Name.Contains("DisplayClass", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute));

    private static string NameOf(FieldInfo field)
    {
        int end = field.Name.IndexOf('>', StringComparison.Ordinal); // <count>5__2, <item>P
        return field.Name.StartsWith('<') && end > 1 ? field.Name[1..end] : field.Name;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A field that was trimmed is not shown.")]
    [UnconditionalSuppressMessage("Trimming", "IL2111", Justification = "A field that was trimmed is not shown.")]
    private static FieldInfo[] FieldsOf(Type type) =>
        s_fields.GetValue(type, static type => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic));

    private static object? Read(FieldInfo field, object of)
    {
        if (field.FieldType.IsByRefLike || field.FieldType.IsPointer) return null;
        return field.GetValue(of);
    }
}
