using Samovar.Ipc.Channel;

namespace Samovar.Executors.Mapping;

/// <summary>Stores the results of the items of a chunk, one after the other, so that they survive the death of the worker. One instance for
/// each worker thread, used by that thread alone.</summary>
internal abstract class ItemKeeper(ItemJournal journal)
{
    [ThreadStatic]
    private static ItemKeeper? t_current;

    /// <summary>The instance of the worker that the calling code runs on.</summary>
    public static ItemKeeper Current
    {
        get => t_current ?? throw new InvalidOperationException("A chunk of a map can run only on a worker of its executor.");
        set => t_current = value;
    }

    /// <summary>Starts a chunk.</summary>
    public abstract void Open();

    /// <summary>Starts the next item.</summary>
    public void Begin() => journal.Begin();

    /// <summary>Stores the result of the current item, or an error if the result cannot be serialized.</summary>
    /// <param name="value">The result.</param>
    /// <param name="elsewhere">The delegate that <see cref="Elsewhere"/> returned.</param>
    public void Keep<T>(T value, Action<T> elsewhere)
    {
        if (!journal.TryKeep(value)) elsewhere(value);
    }

    /// <summary>Stores the result of the last item if that costs nothing extra; otherwise returns it, to be sent with the result of the
    /// chunk.</summary>
    public ItemsDone KeepLast<T>(T value) => journal.TryKeep(value) ? ItemsDone.AllKept : new LastItem<T>(value);

    /// <summary>Stores the error of the current item.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Returns a delegate that stores results that need a message or do not fit into the journal. Requested once for many
    /// results.</summary>
    public abstract Action<T> Elsewhere<T>();
}
