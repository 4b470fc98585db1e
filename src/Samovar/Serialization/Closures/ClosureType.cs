using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Closures;

/// <summary>Recognizes the classes in which the C# compiler stores the captured variables of one block.</summary>
internal static class ClosureType
{
    /// <summary>The prefix of the names that the compiler gives these classes.</summary>
    public const string Prefix = "<>c__DisplayClass";

    public static bool Is(Type type) => type.IsClass && type.IsNested && type.Name.StartsWith(Prefix, StringComparison.Ordinal)
        && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
