using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Loops;

/// <summary>A method that awaits, and where.</summary>
internal readonly record struct AwaitPoint(string Method, string? Place, bool IsRunning)
{
    private const int Running = -1; // as the compiler counts

    public static AwaitPoint Of(IAsyncStateMachine machine)
    {
        var type = machine.GetType();
        var state = type.GetField("<>1__state", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)?.GetValue(machine) as int?;
        return new AwaitPoint(CallbackOrigin.NameOf(type), state >= 0 ? AwaitPlaces.Find(type, state.Value) : null, IsRunning: state == Running);
    }

    public override string ToString() => Place is null ? Method : string.Create(CultureInfo.InvariantCulture, $"{Method} ({Place})");
}
