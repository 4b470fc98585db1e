using System.Globalization;
using Samovar.Primitives;

namespace Samovar.Processes.Protocol;

/// <summary>The program's default cultures for threads without their own: <see cref="CultureInfo.DefaultThreadCurrentCulture"/> and
/// <see cref="CultureInfo.DefaultThreadCurrentUICulture"/>. Null means the system's default.</summary>
internal readonly record struct CultureDefaults(CultureInfo? Culture, CultureInfo? UICulture)
{
    /// <summary>The current defaults of this process.</summary>
    public static CultureDefaults Declared => new(CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture);

    public bool AreNone => Culture is null && UICulture is null;

    /// <summary>Compares by reference, like <see cref="CulturePair"/>.</summary>
    public bool AreSame(in CultureDefaults other) => ReferenceEquals(Culture, other.Culture) && ReferenceEquals(UICulture, other.UICulture);

    /// <summary>Worker: sets the defaults in this process.</summary>
    public void Apply()
    {
        if (Culture is not null) CultureInfo.DefaultThreadCurrentCulture = Culture;
        if (UICulture is not null) CultureInfo.DefaultThreadCurrentUICulture = UICulture;
    }
}
