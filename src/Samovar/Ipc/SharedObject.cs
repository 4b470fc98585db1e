using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>An object in memory that several processes have in common. Each process has it until it disposes it or ends, and its memory goes with
/// the last.</summary>
public abstract class SharedObject : IDisposable
{
    private protected SharedObject(SharedReference reference) => Reference = reference;

    /// <summary>Under which other processes find it; null for none.</summary>
    public string? Name => Reference.Region.Format.Name;

    /// <summary>This process's hold on the memory.</summary>
    internal SharedReference Reference { get; }

    /// <summary>Releases it in this process; others keep theirs.</summary>
    public void Dispose()
    {
        Leave();
        Reference.Dispose();
    }

    /// <summary>Before the hold is given back; also again, each time it is disposed.</summary>
    private protected virtual void Leave()
    {
    }

    /// <exception cref="ObjectDisposedException">It was disposed in this process.</exception>
    private protected void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Reference.IsDisposed, this);
}

/// <summary>Carries shared objects of one type.</summary>
internal abstract class SharedObjectCodec<T> : SharedCodec<T>
    where T : SharedObject
{
    protected sealed override SharedReference ReferenceOf(T value) => value.Reference;
}
