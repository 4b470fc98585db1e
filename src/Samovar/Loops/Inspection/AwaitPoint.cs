using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;

namespace Samovar.Loops.Inspection;

/// <summary>A suspended method, and the source line of its await.</summary>
[UnconditionalSuppressMessage("Trimming", "IL2075", Justification = CodeRequirements.InspectsOnly)]
internal readonly record struct AwaitPoint(string Method, string? Place)
{
    private const int Running = -1; // the compiler's state number

    public static AwaitPoint Of(IAsyncStateMachine machine)
    {
        var type = machine.GetType();
        var state = StateOf(machine);
        return new AwaitPoint(CallbackOrigin.NameOf(type), state >= 0 ? AwaitPlaces.Find(type, state.Value) : null);
    }

    /// <summary>Returns whether the method is running rather than suspended.</summary>
    public static bool IsRunningIn(IAsyncStateMachine machine) => StateOf(machine) == Running;

    private static int? StateOf(IAsyncStateMachine machine) =>
        machine.GetType().GetField("<>1__state", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)?.GetValue(machine) as int?;

    public override string ToString() => Place is null ? Method : string.Create(CultureInfo.InvariantCulture, $"{Method} ({Place})");
}
