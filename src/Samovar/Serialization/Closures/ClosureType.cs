using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Closures;

/// <summary>Recognizes the classes in which the C# compiler keeps the captured variables of one block.</summary>
internal static class ClosureType
{
    /// <summary>How the compiler names them.</summary>
    public const string Prefix = "<>c__DisplayClass";

    public static bool Is(Type type) => type.IsClass && type.IsNested && type.Name.StartsWith(Prefix, StringComparison.Ordinal)
        && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
