namespace Samovar.Ipc;

// A barrier is one word:
//
//     bits 0-14   arrived      how many have come in this phase
//     bit  15     broken
//     bits 16-31  phase        counts on for ever, from 65,535 to 0
//     bits 32-63  torn         which of the last 32 phases ended by a reset; bit 0 the last
//
// Each move is one compare-and-swap. A waiter of a phase learns how it ended also when others are some phases further.

/// <summary>The moves of a barrier's word.</summary>
/// <param name="Value">The word.</param>
internal readonly record struct BarrierWord(ulong Value)
{
    public const int MostParties = (1 << 15) - 1;

    private const ulong Broken = 1ul << 15;
    private const int PhaseShift = 16;
    private const int TornShift = 32;
    private const int Remembered = 32;

    public int Arrived => (int)(Value & (Broken - 1));

    public bool IsBroken => (Value & Broken) != 0;

    public ushort Phase => (ushort)(Value >> PhaseShift);

    private uint Torn => (uint)(Value >> TornShift);

    public BarrierWord Arrive() => new(Value + 1);

    public BarrierWord Leave() => new(Value - 1);

    public BarrierWord Break() => new(Value | Broken);

    /// <summary>The next phase, after all have come or by a reset.</summary>
    public BarrierWord Next(bool isTorn) =>
        new(((ulong)((Torn << 1) | (isTorn ? 1u : 0)) << TornShift) | ((ulong)(ushort)(Phase + 1) << PhaseShift));

    /// <summary>Whether a phase ended because all had come.</summary>
    public bool EndedWell(ushort phase)
    {
        int back = (ushort)(Phase - phase) - 1;
        return back < Remembered && ((Torn >> back) & 1) == 0;
    }
}
