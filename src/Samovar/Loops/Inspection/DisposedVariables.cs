using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Closures;

namespace Samovar.Loops.Inspection;

/// <summary>Determines which variables of an asynchronous method hold values that the method disposes however it completes: the variables of
/// <see langword="using"/>, and those that a <see langword="finally"/> block disposes.</summary>
/// <remarks>It reads the IL of the method's state machine once per type. The compiler does not emit a block that contains an <see langword="await"/>
/// as a <see langword="finally"/> block, so such a block is not recognized.</remarks>
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.InspectsOnly)]
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = CodeRequirements.InspectsOnly)]
internal static class DisposedVariables
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly ConditionalWeakTable<Type, HashSet<int>> s_known = new(); // fields by their metadata tokens

    /// <summary>Returns whether a field of a state machine is such a variable.</summary>
    public static bool Contain(Type machine, FieldInfo field) => s_known.GetValue(machine, Read).Contains(field.MetadataToken);

    private static HashSet<int> Read(Type machine)
    {
        var found = new HashSet<int>();
        try
        {
            var body = machine.GetMethod(nameof(IAsyncStateMachine.MoveNext), Members, Type.EmptyTypes)?.GetMethodBody();
            if (body?.GetILAsByteArray() is not { } code) return found;
            foreach (var clause in body.ExceptionHandlingClauses)
            {
                if (clause.Flags == ExceptionHandlingClauseOptions.Finally) ReadHandler(code.AsSpan(clause.HandlerOffset, clause.HandlerLength), machine, found);
            }
        }
        catch (Exception error) when (error is BadImageFormatException or NotSupportedException or InvalidOperationException or IOException or TypeLoadException
            or MemberAccessException or ArgumentException)
        {
            // The IL cannot be read or refers to an assembly that is missing: report no variable as disposed.
            found.Clear();
        }

        return found;
    }

    /// <summary>Finds loads of a field whose value is disposed by the next call.</summary>
    private static void ReadHandler(ReadOnlySpan<byte> code, Type machine, HashSet<int> found)
    {
        var generics = machine.IsGenericType ? machine.GetGenericArguments() : null;
        FieldInfo? loaded = null;
        var tokens = new IlTokens(code);
        while (tokens.MoveNext())
        {
            var member = machine.Module.ResolveMember(tokens.Token, generics, null);
            if (loaded is not null && member is MethodInfo { Name: nameof(IDisposable.Dispose) }) found.Add(loaded.MetadataToken);
            loaded = !tokens.IsStore && member is FieldInfo field && field.Module == machine.Module ? field : null;
        }
    }
}
