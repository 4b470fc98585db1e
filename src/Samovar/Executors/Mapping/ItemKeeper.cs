using Samovar.Ipc.Channel;

namespace Samovar.Executors.Mapping;

/// <summary>Where a worker keeps what the items of a chunk bring, one after the other, so that it survives the worker. One for each thread
/// that is a worker, used by that thread alone.</summary>
internal abstract class ItemKeeper(ItemJournal journal)
{
    [ThreadStatic]
    private static ItemKeeper? t_current;

    /// <summary>That of the worker this code runs on.</summary>
    public static ItemKeeper Current
    {
        get => t_current ?? throw new InvalidOperationException("A chunk of a map runs on a worker of its executor, and nowhere else.");
        set => t_current = value;
    }

    /// <summary>A chunk begins.</summary>
    public abstract void Open();

    /// <summary>The next item begins.</summary>
    public void Begin() => journal.Begin();

    /// <summary>Keeps the result of the item that has begun; an error where the result cannot travel.</summary>
    /// <param name="value">The result.</param>
    /// <param name="elsewhere">What <see cref="Elsewhere"/> gave.</param>
    public void Keep<T>(T value, Action<T> elsewhere)
    {
        if (!journal.TryKeep(value)) elsewhere(value);
    }

    /// <summary>Keeps the result of the last item, where it costs nothing extra; otherwise gives it back, to go with the result.</summary>
    public ItemsDone KeepLast<T>(T value) => journal.TryKeep(value) ? ItemsDone.AllKept : new LastItem<T>(value);

    /// <summary>Keeps the error of the item that has begun.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Keeps results that need a message, or have no room in the journal. Asked for once for many of them.</summary>
    public abstract Action<T> Elsewhere<T>();
}
