using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Samovar.Primitives;
using Samovar.Serialization;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;

namespace Samovar.Executors.Caching;

/// <summary>Hashes the values that a delegate captured and can read.</summary>
/// <remarks>The closure itself is not serialized: its class has a name and a module version that change with code that the delegate does not use.</remarks>
[RequiresDynamicCode(CodeRequirements.Dynamic), RequiresUnreferencedCode(CodeRequirements.Unreferenced)]
internal static class CapturedContent
{
    private const int Deepest = 20;

    /// <summary>Whether the delegate has captured anything.</summary>
    public static bool IsIn(Delegate work) => work.Target is { } target && !(IsCompilers(target.GetType()) && TravellingFields.Of(target.GetType()).Count == 0);

    /// <summary>Adds the captured values to a hash.</summary>
    /// <exception cref="UnshippableException">A value cannot be serialized.</exception>
    public static void AppendTo(IncrementalHash hash, Delegate work) => AppendTo(hash, work, 0);

    private static void AppendTo(IncrementalHash hash, Delegate work, int depth)
    {
        if (!IsIn(work)) return;
        object target = work.Target!;
        if (ClosureType.Is(target.GetType())) AppendClosure(hash, target, ClosureCode.ReadsOf(work.Method), depth);
        else AppendValue(hash, target);
    }

    private static void AppendClosure(IncrementalHash hash, object closure, IReadOnlySet<int>? reads, int depth)
    {
        if (depth > Deepest) throw new UnshippableException("closure", closure.GetType(), $"is nested more than {Deepest} closures deep");
        foreach (var field in TravellingFields.Of(closure.GetType()))
        {
            if (reads?.Contains(field.MetadataToken) == false) continue;
            AppendField(hash, field, field.GetValue(closure), reads, depth);
        }
    }

    private static void AppendField(IncrementalHash hash, FieldInfo field, object? value, IReadOnlySet<int>? reads, int depth)
    {
        bool isClosure = value is not null && ClosureType.Is(value.GetType());
        if (!isClosure) hash.AppendData(Encoding.UTF8.GetBytes($"{field.Name}:"));
        if (isClosure)
        {
            AppendClosure(hash, value!, reads, depth + 1);
        }
        else if (value is Delegate { HasSingleTarget: true } inner && inner.Method is { DeclaringType: not null } method && !method.Module.Assembly.IsDynamic && depth <= Deepest)
        {
            hash.AppendData(CodeIdentity.Of(method));
            AppendTo(hash, inner, depth + 1);
        }
        else
        {
            AppendValue(hash, value);
        }
    }

    private static void AppendValue(IncrementalHash hash, object? value)
    {
        byte[] packed = Shipping.Pack(value);
        hash.AppendData(BitConverter.GetBytes(packed.Length));
        hash.AppendData(packed);
    }

    private static bool IsCompilers(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
