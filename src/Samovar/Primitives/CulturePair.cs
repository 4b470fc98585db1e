using System.Globalization;

namespace Samovar.Primitives;

/// <summary>The cultures that code runs under: <see cref="CultureInfo.CurrentCulture"/> for formats, <see cref="CultureInfo.CurrentUICulture"/> for
/// texts.</summary>
/// <remarks>Cultures are compared by reference, because <see cref="CultureInfo.Equals(object?)"/> compares names only and ignores settings that
/// were changed in one of two cultures.</remarks>
internal readonly struct CulturePair(CultureInfo culture, CultureInfo uiCulture)
{
    private readonly CultureInfo _culture = culture;
    private readonly CultureInfo _uiCulture = uiCulture;

    /// <summary>The cultures of this thread.</summary>
    public static CulturePair Current => new(CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);

    /// <summary>The cultures that flow to work that this thread submits; null if the flow is suppressed.</summary>
    public static CulturePair? Flowing => ExecutionContext.IsFlowSuppressed() ? null : Current;

    public CultureInfo Culture => _culture;

    public CultureInfo UICulture => _uiCulture;

    public bool IsSame(in CulturePair other) => ReferenceEquals(_culture, other._culture) && ReferenceEquals(_uiCulture, other._uiCulture);

    /// <summary>Sets the cultures in the current execution context.</summary>
    public void Apply()
    {
        CultureInfo.CurrentCulture = _culture;
        CultureInfo.CurrentUICulture = _uiCulture;
    }
}
