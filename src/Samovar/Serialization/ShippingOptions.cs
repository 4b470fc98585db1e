using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>Limits and extensions of one connection. Both sides are given equal options.</summary>
/// <remarks>Limits hold for writing and for reading: what could not be read back is refused where it is written.</remarks>
public sealed record ShippingOptions
{
    internal static ShippingOptions Default { get; } = new();

    /// <summary>For what a program sends to processes that it has started itself.</summary>
    internal static ShippingOptions OfWork { get; } = new() { NamesFiles = true };

    /// <summary>Longest chain of objects from the root, in objects. Default 1,000,000; range 1 to <see cref="int.MaxValue"/>. Depth uses no stack.</summary>
    public int MaxDepth { get; init; } = 1_000_000;

    /// <summary>Most objects in one message. Default 16,000,000; range 1 to <see cref="int.MaxValue"/>.</summary>
    public int MaxObjects { get; init; } = 16_000_000;

    /// <summary>Most bytes in one message. Default 1 GiB; range 16 to <see cref="int.MaxValue"/>.</summary>
    public int MaxBytes { get; init; } = 1 << 30;

    /// <summary>Longest string, in UTF-16 code units. Default 256 Mi; range 0 to <see cref="int.MaxValue"/>.</summary>
    public int MaxStringLength { get; init; } = 1 << 28;

    /// <summary>Most elements in one array or collection. Default 1 Gi; range 0 to <see cref="int.MaxValue"/>.</summary>
    public int MaxArrayLength { get; init; } = 1 << 30;

    /// <summary>Most definitions (types, methods, modules) that one connection may hold. Default 100,000; range 1 to <see cref="int.MaxValue"/>.</summary>
    public int MaxDefinitions { get; init; } = 100_000;

    /// <summary>
    /// Codecs and live codecs for types that carry no <see cref="ShipWithAttribute"/>, such as those of other libraries. Default: none.
    /// A codec for an interface or abstract class carries every type that implements it; the first that fits is taken.
    /// </summary>
    public IReadOnlyList<PayloadCodec> Codecs { get; init; } = [];

    /// <summary>When plans are turned into machine code; tests force each way.</summary>
    internal PlanCompilation Compilation { get; init; } = PlanCompilation.AfterSomeUses;

    /// <summary>The assemblies among which a reader finds modules; null for those of the process. For tests with two builds in one process.</summary>
    internal IReadOnlyCollection<System.Reflection.Assembly>? VisibleAssemblies { get; init; }

    /// <summary>Whether a writer names the files of modules that are not the program's own, and refuses those without one; whether a reader loads them
    /// from there, which it may only for a sender that could start any program in its place.</summary>
    internal bool NamesFiles { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxObjects, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 16);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxStringLength);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxArrayLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDefinitions, 1);
        ArgumentNullException.ThrowIfNull(Codecs);
    }
}
