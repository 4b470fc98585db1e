namespace Samovar.Ipc.Locks;

// A barrier is one word:
//
//     bits 0-14   arrived      how many have come in this phase
//     bit  15     broken
//     bits 16-31  phase        counts on for ever, from 65,535 to 0
//     bits 32-47  torn         how many phases ago one ended by a reset, 1 for the last; 0 for none in the last 65,535
//     bits 48-63  torn before  the one before that, likewise
//
// Each move is one compare-and-swap. A waiter of a phase learns how it ended also when others are many phases further: where more threads
// come than wait for each other, the rest go on without one that has not got to look yet. Only who has not looked for 65,536 phases, or
// has overslept three resets, may be told wrong.

/// <summary>The moves of a barrier's word.</summary>
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

    /// <summary>The next phase, after all have come or by a reset.</summary>
    public BarrierWord Next(bool isTorn)
    {
        ushort torn = isTorn ? (ushort)1 : Older(Torn);
        ushort before = isTorn ? Older(Torn) : Older(TornBefore);
        return new(((ulong)before << TornBeforeShift) | ((ulong)torn << TornShift) | ((ulong)(ushort)(Phase + 1) << PhaseShift));
    }

    /// <summary>Whether a phase that is over ended because all had come.</summary>
    public bool EndedWell(ushort phase)
    {
        ushort back = (ushort)(Phase - phase);
        return back != Torn && back != TornBefore;
    }

    private static ushort Older(ushort phases) => phases == 0 ? (ushort)0 : (ushort)(phases + 1); // beyond 65,535 it is forgotten
}
