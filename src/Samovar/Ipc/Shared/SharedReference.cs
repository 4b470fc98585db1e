using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Shared;

/// <summary>A reference to a shared object. The object is unmapped in this process with its last reference.</summary>
/// <remarks>
/// The garbage collector releases references that were not disposed, with one exception: if the user has got a span, the span may be in use after the
/// last use of the object that returned it. Such an object stays mapped until it is disposed or the process exits. An object that came with a task
/// can be used by that task's code only, which has completed by the time the object is collected.
/// </remarks>
internal sealed class SharedReference : IDisposable
{
    private readonly bool _isOfTask;
    private SharedRegion? _region;
    private IDisposable? _attached;
    private bool _isExposed;

    private SharedReference(SharedRegion region, bool isOfTask)
    {
        _region = region;
        _isOfTask = isOfTask;
    }

    ~SharedReference()
    {
        if (!_isExposed || _isOfTask) Release();
    }

    /// <exception cref="ObjectDisposedException">The reference was released.</exception>
    public SharedRegion Region => RegionOrNull ?? throw new ObjectDisposedException("A shared object", "The shared object was disposed in this process.");

    /// <summary>The object; null if the reference was released.</summary>
    public SharedRegion? RegionOrNull => Volatile.Read(ref _region);

    public bool IsDisposed => RegionOrNull is null;

    public static SharedReference Create(SharedFormat format, SharedStore? store = null) =>
        new(SharedRegion.Create(format, store ?? SharedStore.Current), isOfTask: false);

    public static SharedReference OpenNamed(SharedFormat expected, string name, SharedStore? store = null) =>
        new SharedReference(SharedRegion.OpenNamed(name, store ?? SharedStore.Current), isOfTask: false).Fitting(expected);

    /// <summary>Opens an object of any kind that arrived. State that its sender holds with it is not taken over: see
    /// <see cref="SharedHandle.Hold"/>.</summary>
    public static SharedReference Open(in SharedHandle handle, bool isOfTask = false) => new(SharedRegion.Open(handle), isOfTask);

    /// <exception cref="ChannelCorruptedException">The handle names further state, which objects of this kind do not have.</exception>
    public static SharedReference Open(in SharedHandle handle, SharedFormat expected, bool isOfTask)
    {
        SharedReference reference = Open(handle, isOfTask);
        if (handle.Hold == 0) return reference.Fitting(expected);
        reference.Dispose();
        throw new ChannelCorruptedException($"A handle of a {expected.Kind} names further state, which only the handle of a pipe can have.");
    }

    /// <summary>The state that is held together with the object; null for none.</summary>
    public IDisposable? Attached => _attached;

    /// <summary>Adds state that is released before the object.</summary>
    public void Attach(IDisposable resource) => _attached = resource;

    /// <summary>Creates another reference to the object.</summary>
    public SharedReference Share()
    {
        SharedRegion region = Region;
        region.AddReference();
        GC.KeepAlive(this);
        return new SharedReference(region, _isOfTask);
    }

    /// <summary>Gets or creates the state that this process has in addition to the memory. If that fails, the reference is released.</summary>
    public TState State<TState>(Func<SharedRegion, TState> make)
        where TState : class, IDisposable
    {
        try
        {
            return Region.State(make);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Gets a setting of the object's kind, checked against its range. If it is out of range, the reference is released.</summary>
    /// <exception cref="ChannelCorruptedException">The setting is out of range, which no correct process writes.</exception>
    public int Trait(int least, int most)
    {
        SharedFormat format = Region.Format;
        if (format.Traits >= least && format.Traits <= most) return (int)format.Traits;
        Dispose();
        throw new ChannelCorruptedException($"The header of a {format.Kind} has setting {format.Traits}, expected {least} to {most}.");
    }

    /// <summary>Records that a pointer into the memory was returned to the user.</summary>
    public void Expose() => _isExposed = true;

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns this reference if the object is of the expected format; otherwise releases it and throws.</summary>
    /// <exception cref="SharedObjectException">The object is of another kind, or its elements are of another type.</exception>
    public SharedReference Fitting(SharedFormat expected)
    {
        try
        {
            Region.Format.CheckFits(expected);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _region, null) is not { } region) return;
        _attached?.Dispose();
        region.Release();
    }
}
