using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>Specifies the limits and codecs of one connection. Both sides must use equal options.</summary>
/// <remarks>The limits apply to writing and to reading: a value that could not be read is already refused when it is written.</remarks>
public sealed record ShippingOptions
{
    internal static ShippingOptions Default { get; } = new();

    /// <summary>Gets the options for messages to processes that the program itself has started.</summary>
    internal static ShippingOptions OfWork { get; } = new() { NamesFiles = true };

    /// <summary>Gets the maximum length of a chain of references from the root, in objects. Default 1,000,000; range 1 to
    /// <see cref="int.MaxValue"/>. Depth does not consume stack space.</summary>
    public int MaxDepth { get; init; } = 1_000_000;

    /// <summary>Gets the maximum number of objects in one message. Default 16,000,000; range 1 to <see cref="int.MaxValue"/>.</summary>
    public int MaxObjects { get; init; } = 16_000_000;

    /// <summary>Gets the maximum size of one message, in bytes. Default 1 GiB; range 16 to <see cref="int.MaxValue"/>.</summary>
    public int MaxBytes { get; init; } = 1 << 30;

    /// <summary>Gets the maximum length of a string, in UTF-16 code units. Default 256 Mi; range 0 to <see cref="int.MaxValue"/>.</summary>
    public int MaxStringLength { get; init; } = 1 << 28;

    /// <summary>Gets the maximum number of elements in one array or collection. Default 1 Gi; range 0 to <see cref="int.MaxValue"/>.</summary>
    public int MaxArrayLength { get; init; } = 1 << 30;

    /// <summary>Gets the maximum number of definitions (types, methods, modules) of one connection. Default 100,000; range 1 to
    /// <see cref="int.MaxValue"/>.</summary>
    public int MaxDefinitions { get; init; } = 100_000;

    /// <summary>
    /// Gets the codecs for types that are not marked with <see cref="ShipWithAttribute"/>, such as types of other libraries. Default: none.
    /// A codec for an interface or abstract class applies to every type that implements or extends it. The first codec that matches is used.
    /// </summary>
    public IReadOnlyList<PayloadCodec> Codecs { get; init; } = [];

    /// <summary>Gets when plans are compiled to machine code; tests force each mode.</summary>
    internal PlanCompilation Compilation { get; init; } = PlanCompilation.AfterSomeUses;

    /// <summary>Gets the assemblies in which a reader looks for modules; null for all of the process. For tests with two builds.</summary>
    internal IReadOnlyCollection<System.Reflection.Assembly>? VisibleAssemblies { get; init; }

    /// <summary>
    /// Gets whether a writer includes the file paths of modules that are not the program's own and refuses such modules without a file, and
    /// whether a reader loads modules from those files. A reader may do so only for a sender that could run any program in its place anyway.
    /// </summary>
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
