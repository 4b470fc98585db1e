namespace Samovar.Ipc.Locks;

// A barrier is one word:
//
//     bits 0-14   arrived      arrivals in this phase
//     bit  15     broken
//     bits 16-31  phase        a counter that wraps from 65,535 to 0
//     bits 32-47  torn         how many phases ago a phase was reset, 1 for the last phase; 0 if none of the last 65,535 was
//     bits 48-63  torn before  the same for the reset before that
//
// Each move is one compare-and-swap. A waiter of a phase learns how that phase ended even when others are many phases ahead: when more threads arrive
// than there are participants, the others proceed without a waiter that has not looked yet. The answer can be wrong only for a waiter that has not
// looked for 65,536 phases, or that has missed three resets.

/// <summary>The transitions of a barrier's word.</summary>
/// <param name="Value">The word.</param>
internal readonly record struct BarrierWord(ulong Value)
{
    public const int MostParties = (1 << 15) - 1;

    private const ulong Broken = 1ul << 15;
    private const int PhaseShift = 16;
    private const int TornShift = 32;
    private const int TornBeforeShift = 48;

    public int Arrived => (int)(Value & (Broken - 1));

    public bool IsBroken => (Value & Broken) != 0;

    public ushort Phase => (ushort)(Value >> PhaseShift);

    private ushort Torn => (ushort)(Value >> TornShift);

    private ushort TornBefore => (ushort)(Value >> TornBeforeShift);

    public BarrierWord Arrive() => new(Value + 1);

    public BarrierWord Leave() => new(Value - 1);

    public BarrierWord Break() => new(Value | Broken);

    /// <summary>Returns the word for the next phase, after all participants have arrived or after a reset.</summary>
    public BarrierWord Next(bool isTorn)
    {
        ushort torn = isTorn ? (ushort)1 : Older(Torn);
        ushort before = isTorn ? Older(Torn) : Older(TornBefore);
        return new(((ulong)before << TornBeforeShift) | ((ulong)torn << TornShift) | ((ulong)(ushort)(Phase + 1) << PhaseShift));
    }

    /// <summary>Whether all participants arrived in a past phase, rather than a reset ending it.</summary>
    public bool EndedWell(ushort phase)
    {
        ushort back = (ushort)(Phase - phase);
        return back != Torn && back != TornBefore;
    }

    private static ushort Older(ushort phases) => phases == 0 ? (ushort)0 : (ushort)(phases + 1); // beyond 65,535 phases it is forgotten
}
