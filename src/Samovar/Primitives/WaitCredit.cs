namespace Samovar.Primitives;

/// <summary>Whether it is worth a try to wait without sleeping: as long as tries succeed; after a few that did not, now and then. The
/// owner locks.</summary>
internal struct WaitCredit
{
    private const int Most = 4;

    /// <summary>Without credit, one wait of so many is a try.</summary>
    private const int Pause = 256;

    private int _credit;
    private int _refused;

    public WaitCredit() => _credit = Most;

    /// <summary>True: try, and <see cref="Settle"/>.</summary>
    public bool TrySpend()
    {
        if (_credit > 0) return true;
        if (++_refused < Pause) return false;
        _refused = 0;
        return true;
    }

    /// <summary>Learns how a try went.</summary>
    public void Settle(bool succeeded) => _credit = succeeded ? Most : Math.Max(0, _credit - 1);
}
