using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>One use, in a shipped delegate, of a variable or object from outside the delegate.</summary>
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
    /// The captured variable. For <see cref="CaptureKind.This"/>, the member that is accessed through <c>this</c>; null if <c>this</c> itself is
    /// used as a value. Null for <see cref="CaptureKind.Target"/>.
    /// </summary>
    public ISymbol? Symbol { get; } = symbol;

    /// <summary>The operation that refers to the variable, to <c>this</c> or to the target.</summary>
    public IOperation Reference { get; } = reference;

    /// <summary>
    /// The operation that refers to <see cref="Symbol"/>: <see cref="Reference"/>, or the member access through <c>this</c>.
    /// </summary>
    public IOperation Use { get; } = use;

    /// <summary>The type whose member contains the delegate: the type of <c>this</c>.</summary>
    public INamedTypeSymbol? Owner { get; } = owner;

    /// <summary>The call through which the delegate reaches the use, if the use is in a local function outside the delegate; or null.</summary>
    public LocalFunctionCall? Through { get; } = through;

    /// <summary>The location to report: always inside the delegate, even if the use is in a local function that the delegate calls.</summary>
    public Location Location => (Through?.Call ?? Use).Syntax.GetLocation();

    /// <summary>The effect of the use on the captured value.</summary>
    public CaptureAccess Access => CaptureAccesses.Of(Use);

    /// <summary>The name of the captured variable, member or object, as it appears in source code.</summary>
    public string Name => Kind switch
    {
        CaptureKind.Target => Reference.Syntax.ToString(),
        CaptureKind.This when Symbol is IParameterSymbol or null => Symbol?.Name ?? "this",
        CaptureKind.This => $"this.{Symbol!.Name}",
        _ => Symbol!.Name,
    };

    /// <summary>Whether the delegate only assigns to the variable and never reads it, so that the variable's value does not travel.</summary>
    public static bool IsOnlyAssigned(Capture capture, List<Capture> captures) => capture.Kind == CaptureKind.Variable
        && captures.TrueForAll(c => !SymbolEqualityComparer.Default.Equals(c.Symbol, capture.Symbol)
            || (c.Use.Parent is ISimpleAssignmentOperation { Parent: IExpressionStatementOperation } assignment && assignment.Target == c.Use));

    /// <summary>The suffix for a name that mentions the local function through which the use is reached; otherwise empty.</summary>
    public string Route => Through is null ? "" : $" (through local function '{Through.Function.Name}')";
}

/// <summary>The first call of a local function in a shipped delegate.</summary>
internal sealed class LocalFunctionCall(IMethodSymbol function, IOperation call)
{
    public IMethodSymbol Function { get; } = function;

    public IOperation Call { get; } = call;
}

/// <summary>The ways in which a value gets into a shipped delegate.</summary>
internal enum CaptureKind
{
    /// <summary>A local or parameter of an enclosing function.</summary>
    Variable,

    /// <summary>The instance whose member contains the delegate.</summary>
    This,

    /// <summary>The object to the left of the dot of a method group, which is evaluated before the delegate is sent.</summary>
    Target,
}
