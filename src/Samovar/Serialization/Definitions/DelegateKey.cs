using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Definitions;

/// <summary>Identifies the method of a delegate by its code address, which is ten times faster than getting the method from the runtime.</summary>
/// <remarks>
/// Generic instances can share code at one address, so the key includes the types of the delegate and the target. Methods of collectible
/// assemblies are never stored under a key, because their addresses are reused after unloading.
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

    // Another runtime may lay out delegates differently, or merge methods with equal code. Keys are not used there.
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
