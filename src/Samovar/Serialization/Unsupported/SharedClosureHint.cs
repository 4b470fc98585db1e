using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Unsupported;

/// <summary>
/// Finds variables that perhaps only another lambda of the same block captured. The compiler stores the captured variables of one block in one
/// object, so a closure that travels whole includes the variables of all lambdas of the block.
/// </summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class SharedClosureHint
{
    /// <summary>Returns the variable on the path to the culprit that the lambda is not known to read; null if there is no such variable.</summary>
    public static string? VariableOn(UnsupportedValuePath.Step path)
    {
        foreach (var step in path.Upwards())
        {
            var scope = step.Owner;
            if (scope is null || step.Name.Length == 0 || step.Name == "this") continue;
            while (scope is { Name: "", Owner: not null }) scope = scope.Owner; // the closure of a nested block
            if (scope is { Name: "closure", Owner.Value: Delegate lambda })
                return Reads(lambda, step.Owner!.Value.GetType(), step.Name) ? null : step.Name;
        }

        return null;
    }

    private static bool Reads(Delegate lambda, Type scope, string variable) => ClosureCode.ReadsOf(lambda.Method) is { } reads
        && TravellingFields.Of(scope).Exists(f => TypeNames.MemberName(f.Name) == variable && reads.Contains(f.MetadataToken));
}
