namespace Samovar.Loops.Core;

/// <summary>Chooses which ready callback is the next, where that is not to be the oldest. Belongs to the loop's thread.</summary>
internal abstract class ReadyOrder
{
    /// <summary>Which of <paramref name="count"/> ready callbacks is the next, counted from the oldest. Asked only where there are several.</summary>
    public abstract int Pick(int count);

    /// <summary>Another than the oldest was taken.</summary>
    public abstract void Taken(ReadyItem taken, ReadyItem oldest);
}
