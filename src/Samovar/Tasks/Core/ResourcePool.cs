using System.Diagnostics;
using System.Numerics;

namespace Samovar.Tasks.Core;

/// <summary>One resource of an executor: what is free of it, and what a pass over the waiting requests may still give away. Not thread-safe: the
/// ledger's gate guards it. Amounts are ten-thousandths.</summary>
/// <remarks>A resource whose total is a whole number up to <see cref="MostUnits"/> has single units, each of which is free, shared or taken as a
/// whole: a request takes whole units, and its fraction from one unit. Any other resource is one amount.</remarks>
internal sealed class ResourcePool
{
    public const int MostUnits = 64;
    private const long One = ResourceAmounts.UnitsOfOne;

    private readonly long[]? _units; // what is free of each unit
    private readonly long[]? _offeredUnits; // in the current pass
    private long _free;
    private long _offered;

    public ResourcePool(string name, long total)
    {
        Name = name;
        Total = _free = total;
        if (total % One != 0 || total / One > MostUnits) return;
        _units = new long[total / One];
        _offeredUnits = new long[_units.Length];
        Array.Fill(_units, One);
    }

    public string Name { get; }

    public long Total { get; }

    public long InUse => Total - _free;

    /// <summary>What the tasks of other executors use of it.</summary>
    public long UsedByOthers { get; set; }

    /// <summary>What the current pass may still give away.</summary>
    public long Offered => _offered;

    /// <summary>Whether the current pass has nothing left to give away.</summary>
    public bool IsExhausted => _offered == 0;

    /// <summary>Begins a pass: all that is free is offered.</summary>
    public void BeginPass()
    {
        _offered = Math.Max(0, _free - UsedByOthers);
        _units?.CopyTo(_offeredUnits!, 0);
    }

    /// <summary>Whether an amount can be taken from what is offered.</summary>
    public bool Fits(long amount)
    {
        if (amount > _offered) return false;
        if (_offeredUnits is null) return true;
        long whole = amount / One, rest = amount % One;
        int fullUnits = 0;
        bool hasShared = rest == 0;
        foreach (long free in _offeredUnits)
        {
            if (free == One) fullUnits++;
            else if (free >= rest) hasShared = true;
        }

        return fullUnits >= whole + (hasShared ? 0 : 1);
    }

    /// <summary>Takes an amount that fits from what is offered, for a request that is granted.</summary>
    /// <param name="amount">The amount.</param>
    /// <param name="set">The units, one bit each; 0 if the resource has no units.</param>
    /// <param name="sharedUnit">The unit of which only a part is taken; -1 for none.</param>
    public void Take(long amount, out ulong set, out int sharedUnit)
    {
        TakeOffered(amount, out set, out sharedUnit);
        _free -= amount;
        if (_units is null) return;
        for (ulong left = set; left != 0; left &= left - 1)
        {
            int unit = BitOperations.TrailingZeroCount(left);
            _units[unit] -= unit == sharedUnit ? amount % One : One;
            Debug.Assert(_units[unit] >= 0, "no unit is given to more tasks than it has room for");
        }
    }

    /// <summary>Withholds the amount of a request that waits from those behind it; if it does not fit, all that is offered.</summary>
    public void Reserve(long amount)
    {
        if (Fits(amount)) TakeOffered(amount, out _, out _);
        else _offered = 0;
    }

    /// <summary>Returns what <see cref="Take"/> has given.</summary>
    public void Return(long amount, ulong set, int sharedUnit)
    {
        _free += amount;
        Debug.Assert(_free <= Total, "no more is returned than was taken");
        if (_units is null) return;
        for (ulong left = set; left != 0; left &= left - 1)
        {
            int unit = BitOperations.TrailingZeroCount(left);
            _units[unit] += unit == sharedUnit ? amount % One : One;
            Debug.Assert(_units[unit] <= One, "a unit is returned once");
        }
    }

    private void TakeOffered(long amount, out ulong set, out int sharedUnit)
    {
        set = 0;
        sharedUnit = -1;
        _offered -= amount;
        if (_offeredUnits is not { } units) return;
        long rest = amount % One;
        if (rest != 0)
        {
            // The fullest unit with room, so that whole units stay free.
            for (int i = 0; i < units.Length; i++)
            {
                if (units[i] >= rest && (sharedUnit < 0 || units[i] < units[sharedUnit])) sharedUnit = i;
            }

            units[sharedUnit] -= rest;
            set = 1UL << sharedUnit;
        }

        long whole = amount / One;
        for (int i = 0; whole > 0; i++)
        {
            if (units[i] != One) continue;
            units[i] = 0;
            set |= 1UL << i;
            whole--;
        }
    }
}
