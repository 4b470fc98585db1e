using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>One place at which a shipped delegate uses something from outside itself.</summary>
internal sealed class Capture(
    CaptureKind kind,
    ISymbol? symbol,
    IOperation reference,
    IOperation use,
    INamedTypeSymbol? owner,
    LocalFunctionCall? through)
{
    public CaptureKind Kind { get; } = kind;

    /// <summary>
    /// The captured variable; for <see cref="CaptureKind.This"/> the member reached through it, null where <c>this</c> itself is the
    /// value; null for <see cref="CaptureKind.Target"/>.
    /// </summary>
    public ISymbol? Symbol { get; } = symbol;

    /// <summary>The operation that names the variable, <c>this</c> or the target.</summary>
    public IOperation Reference { get; } = reference;

    /// <summary>
    /// The operation that stands for <see cref="Symbol"/>: <see cref="Reference"/>, or the member access through <c>this</c>.
    /// </summary>
    public IOperation Use { get; } = use;

    /// <summary>The type whose member contains the delegate: that of <c>this</c>.</summary>
    public INamedTypeSymbol? Owner { get; } = owner;

    /// <summary>The call by which the delegate reaches the use, where it lies in a local function outside the delegate.</summary>
    public LocalFunctionCall? Through { get; } = through;

    /// <summary>Where to report: inside the delegate, even if the use lies in a local function that it calls.</summary>
    public Location Location => (Through?.Call ?? Use).Syntax.GetLocation();

    /// <summary>What the use does to the captured value.</summary>
    public CaptureAccess Access => CaptureAccesses.Of(Use);

    /// <summary>The name as a user would write it.</summary>
    public string Name => Kind switch
    {
        CaptureKind.Target => Reference.Syntax.ToString(),
        CaptureKind.This when Symbol is IParameterSymbol or null => Symbol?.Name ?? "this",
        CaptureKind.This => $"this.{Symbol!.Name}",
        _ => Symbol!.Name,
    };

    /// <summary>Whether the delegate only gives the variable other values and never reads it: then its value stays behind.</summary>
    public static bool IsOnlyAssigned(Capture capture, List<Capture> captures) => capture.Kind == CaptureKind.Variable
        && captures.TrueForAll(c => !SymbolEqualityComparer.Default.Equals(c.Symbol, capture.Symbol)
            || (c.Use.Parent is ISimpleAssignmentOperation { Parent: IExpressionStatementOperation } assignment && assignment.Target == c.Use));

    /// <summary>Ends a name with the local function on the way to it, if there is one.</summary>
    public string Route => Through is null ? "" : $" (through local function '{Through.Function.Name}')";
}

/// <summary>The first call of a local function from within a shipped delegate.</summary>
internal sealed class LocalFunctionCall(IMethodSymbol function, IOperation call)
{
    public IMethodSymbol Function { get; } = function;

    public IOperation Call { get; } = call;
}

/// <summary>How a value gets into a shipped delegate.</summary>
internal enum CaptureKind
{
    /// <summary>A local or parameter of an enclosing function.</summary>
    Variable,

    /// <summary>The instance whose member contains the delegate.</summary>
    This,

    /// <summary>The object left of the dot of a method group, evaluated before the delegate leaves.</summary>
    Target,
}
