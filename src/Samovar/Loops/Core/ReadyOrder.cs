namespace Samovar.Loops.Core;

/// <summary>Chooses which ready callback runs next when that need not be the oldest. Belongs to the loop's thread.</summary>
internal abstract class ReadyOrder
{
    /// <summary>Returns the index, counted from the oldest, of the next of <paramref name="count"/> ready callbacks. Called only if there are at
    /// least two.</summary>
    public abstract int Pick(int count);

    /// <summary>Called when a callback other than the oldest was chosen.</summary>
    public abstract void Taken(ReadyItem taken, ReadyItem oldest);
}
