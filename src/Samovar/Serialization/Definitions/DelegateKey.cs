using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Definitions;

/// <summary>Tells delegates over the same method apart from others without asking the runtime for the method, which costs ten times more.</summary>
/// <remarks>
/// Code shared between generic instances has one address, so the types of delegate and target belong to the key. Methods of collectible
/// assemblies are never kept under a key: their addresses are used again after unloading.
/// </remarks>
internal readonly record struct DelegateKey(nint Code, nint OpenCode, Type Delegate, Type? Target)
{
    private static readonly bool available = Probe();

    public static bool TryGet(Delegate value, out DelegateKey key)
    {
        if (!available)
        {
            key = default;
            return false;
        }

        key = new DelegateKey(CodeOf(value), OpenCodeOf(value), value.GetType(), value.Target?.GetType());
        return true;
    }

    public bool Equals(DelegateKey other) => Code == other.Code && OpenCode == other.OpenCode
        && ReferenceEquals(Delegate, other.Delegate) && ReferenceEquals(Target, other.Target);

    public override int GetHashCode() => (int)(Code >> 3) * 31 + (int)(OpenCode >> 3) + (Target is null ? 0 : RuntimeHelpers.GetHashCode(Target)) * 17;

    // Another runtime may lay delegates out differently, or fold equal methods into one: there the method itself is asked for.
    private static bool Probe()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported) return false;
        try
        {
            Action probe = static () => { };
            return CodeOf(probe) != 0 && OpenCodeOf(probe) == 0;
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_methodPtr")]
    private static extern ref nint CodeOf(Delegate value);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_methodPtrAux")]
    private static extern ref nint OpenCodeOf(Delegate value);
}
