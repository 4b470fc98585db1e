namespace Samovar.Tasks.Core;

/// <summary>The amounts of options: created when the property is first read, so that an initializer can add to them. Options without amounts equal
/// options whose amounts are empty.</summary>
internal struct AmountsSlot : IEquatable<AmountsSlot>
{
    private ResourceAmounts? _amounts;

    public AmountsSlot(ResourceAmounts amounts) => _amounts = amounts;

    /// <summary>The amounts; null if they are empty.</summary>
    public readonly ResourceAmounts? NonEmpty => Volatile.Read(in _amounts) is { Count: > 0 } amounts ? amounts : null;

    public ResourceAmounts Get() => Volatile.Read(ref _amounts) ?? Interlocked.CompareExchange(ref _amounts, new ResourceAmounts(), null) ?? _amounts;

    public readonly bool Equals(AmountsSlot other) => Equals(NonEmpty, other.NonEmpty);

    public override readonly bool Equals(object? obj) => obj is AmountsSlot other && Equals(other);

    public override readonly int GetHashCode() => NonEmpty?.GetHashCode() ?? 0;
}
