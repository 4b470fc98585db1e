using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Serialization.Closures;

namespace Samovar.Loops.Inspection;

/// <summary>Which variables of an asynchronous method hold what the method disposes of however it ends: those of <see langword="using"/>, and those that a
/// <see langword="finally"/> block disposes of.</summary>
/// <remarks>It reads the code of the method's state machine, once for each. A block with an <see langword="await"/> of its own is no <see langword="finally"/> there any more, and does
/// not count.</remarks>
internal static class DisposedVariables
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly ConditionalWeakTable<Type, HashSet<int>> s_known = new(); // fields by their metadata tokens

    /// <summary>Whether a field of a state machine is one of them.</summary>
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
            // Code that cannot be read, or names what is not installed: nothing is certain of it then, and that is what is said.
            found.Clear();
        }

        return found;
    }

    /// <summary>Looks for a load of a field whose value is the next thing that is disposed of.</summary>
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
