using System.Buffers.Binary;
using System.Reflection;

namespace Samovar.Serialization.Refusals;

/// <summary>Tells whether a lambda brings along what only its neighbours captured: the compiler keeps the captured variables of one scope
/// in one object.</summary>
internal static class Neighbour
{
    /// <summary>The variable on the way to the culprit that the lambda's own code does not touch; null if there is none.</summary>
    /// <remarks>Asynchronous lambdas and those of generic methods touch their variables elsewhere, so this is a guess to be worded as one.</remarks>
    public static string? VariableOn(RefusalPath.Step path)
    {
        foreach (var step in path.Upwards())
        {
            var scope = step.Owner;
            if (scope is null || step.Name.Length == 0 || step.Name == "this") continue;
            while (scope is { Name: "", Owner: not null }) scope = scope.Owner; // a scope within a scope
            if (scope is { Name: "closure", Owner.Value: Delegate lambda })
                return Touches(lambda.Method, step.Owner!.Value.GetType(), step.Name) ? null : step.Name;
        }

        return null;
    }

    private static bool Touches(MethodInfo lambda, Type scope, string variable)
    {
        var field = scope.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).FirstOrDefault(f => RefusalPath.MemberName(f.Name) == variable);
        byte[]? code = lambda.GetMethodBody()?.GetILAsByteArray();
        if (field is null || code is null) return true;
        Span<byte> token = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(token, field.MetadataToken);
        return code.AsSpan().IndexOf(token) >= 0;
    }
}
