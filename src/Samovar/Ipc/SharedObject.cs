using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>The base class of objects in memory that several processes share. A process holds the object until it disposes the object or exits; the
/// memory is freed with the last holder.</summary>
public abstract class SharedObject : IDisposable
{
    private protected SharedObject(SharedReference reference) => Reference = reference;

    /// <summary>Gets the name by which other processes open the object; null for an unnamed object.</summary>
    public string? Name => Reference.Region.Format.Name;

    /// <summary>Gets this process's reference to the memory.</summary>
    internal SharedReference Reference { get; }

    /// <summary>Releases the object in this process; other processes keep theirs. May be called more than once.</summary>
    public void Dispose()
    {
        Leave();
        Reference.Dispose();
    }

    /// <summary>Called before the reference is released, on every call of <see cref="Dispose"/>.</summary>
    private protected virtual void Leave()
    {
    }

    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    private protected void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Reference.IsDisposed, this);
}

/// <summary>Ships shared objects of one type.</summary>
internal abstract class SharedObjectCodec<T> : SharedCodec<T>
    where T : SharedObject
{
    protected sealed override SharedReference ReferenceOf(T value) => value.Reference;
}
