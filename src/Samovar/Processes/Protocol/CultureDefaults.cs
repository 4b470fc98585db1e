using System.Globalization;
using Samovar.Primitives;

namespace Samovar.Processes.Protocol;

/// <summary>What the program declares as cultures of threads for which none is set: <see cref="CultureInfo.DefaultThreadCurrentCulture"/> and
/// <see cref="CultureInfo.DefaultThreadCurrentUICulture"/>. Null leaves it to the system.</summary>
internal readonly record struct CultureDefaults(CultureInfo? Culture, CultureInfo? UICulture)
{
    /// <summary>What this process declares now.</summary>
    public static CultureDefaults Declared => new(CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture);

    public bool AreNone => Culture is null && UICulture is null;

    /// <summary>By reference, as <see cref="CulturePair"/>.</summary>
    public bool AreSame(in CultureDefaults other) => ReferenceEquals(Culture, other.Culture) && ReferenceEquals(UICulture, other.UICulture);

    /// <summary>Worker: declares the same here.</summary>
    public void Apply()
    {
        if (Culture is not null) CultureInfo.DefaultThreadCurrentCulture = Culture;
        if (UICulture is not null) CultureInfo.DefaultThreadCurrentUICulture = UICulture;
    }
}
