using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Unsupported;

/// <summary>
/// Finds lambdas that bring along what perhaps only their neighbours captured, since the closure travels whole: the compiler keeps the
/// captured variables of one block in one object.
/// </summary>
internal static class SharedClosureHint
{
    /// <summary>The variable on the way to the culprit that the lambda is not known to read; null if there is none.</summary>
    public static string? VariableOn(UnsupportedValuePath.Step path)
    {
        foreach (var step in path.Upwards())
        {
            var scope = step.Owner;
            if (scope is null || step.Name.Length == 0 || step.Name == "this") continue;
            while (scope is { Name: "", Owner: not null }) scope = scope.Owner; // a scope within a scope
            if (scope is { Name: "closure", Owner.Value: Delegate lambda })
                return Reads(lambda, step.Owner!.Value.GetType(), step.Name) ? null : step.Name;
        }

        return null;
    }

    private static bool Reads(Delegate lambda, Type scope, string variable) => ClosureCode.ReadsOf(lambda.Method) is { } reads
        && TravellingFields.Of(scope).Exists(f => TypeNames.MemberName(f.Name) == variable && reads.Contains(f.MetadataToken));
}
