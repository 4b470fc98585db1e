using System.Globalization;

namespace Samovar.Primitives;

/// <summary>The cultures that code runs under: <see cref="CultureInfo.CurrentCulture"/> for formats, <see cref="CultureInfo.CurrentUICulture"/>
/// for texts.</summary>
/// <remarks>Compared by reference: <see cref="CultureInfo.Equals(object?)"/> takes two cultures of one name for the same, whatever was changed
/// in one of them.</remarks>
internal readonly struct CulturePair(CultureInfo culture, CultureInfo uiCulture)
{
    private readonly CultureInfo _culture = culture;
    private readonly CultureInfo _uiCulture = uiCulture;

    /// <summary>Those of this thread.</summary>
    public static CulturePair Current => new(CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);

    /// <summary>Those that flow from here to the work that this thread submits; null where the flow is suppressed.</summary>
    public static CulturePair? Flowing => ExecutionContext.IsFlowSuppressed() ? null : Current;

    public CultureInfo Culture => _culture;

    public CultureInfo UICulture => _uiCulture;

    public bool IsSame(in CulturePair other) => ReferenceEquals(_culture, other._culture) && ReferenceEquals(_uiCulture, other._uiCulture);

    /// <summary>Makes them those of the execution context at hand.</summary>
    public void Apply()
    {
        CultureInfo.CurrentCulture = _culture;
        CultureInfo.CurrentUICulture = _uiCulture;
    }
}
