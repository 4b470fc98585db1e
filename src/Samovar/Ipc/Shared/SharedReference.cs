using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Shared;

/// <summary>One hold on a shared object. The object is unmapped here with the last.</summary>
/// <remarks>
/// What is forgotten is given back by the collector, with one exception: where the user has got a span, it may be in use after the
/// last look at the object that gave it, and nobody can tell. Such an object stays mapped until it is disposed or the process
/// ends. What came with a task can be used by that task's code only, which has ended by the time it is collected.
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

    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public SharedRegion Region => RegionOrNull ?? throw new ObjectDisposedException("A shared object", "The shared object was disposed in this process.");

    /// <summary>The object; null where the hold was given back.</summary>
    public SharedRegion? RegionOrNull => Volatile.Read(ref _region);

    public bool IsDisposed => RegionOrNull is null;

    public static SharedReference Create(SharedFormat format, SharedStore? store = null) =>
        new(SharedRegion.Create(format, store ?? SharedStore.Current), isOfTask: false);

    public static SharedReference OpenNamed(SharedFormat expected, string name, SharedStore? store = null) =>
        new SharedReference(SharedRegion.OpenNamed(name, store ?? SharedStore.Current), isOfTask: false).Fitting(expected);

    /// <summary>Opens the object that arrived, whatever it is. What else its sender holds with it is not taken over: see <see cref="SharedHandle.Hold"/>.</summary>
    public static SharedReference Open(in SharedHandle handle, bool isOfTask = false) => new(SharedRegion.Open(handle), isOfTask);

    /// <exception cref="ChannelCorruptedException">Its sender holds something with it, which objects of this kind do not have.</exception>
    public static SharedReference Open(in SharedHandle handle, SharedFormat expected, bool isOfTask)
    {
        SharedReference reference = Open(handle, isOfTask);
        if (handle.Hold == 0) return reference.Fitting(expected);
        reference.Dispose();
        throw new ChannelCorruptedException($"A handle of a {expected.Kind} says that something is held with it, which only pipes have.");
    }

    /// <summary>What is held with the object; null for nothing.</summary>
    public IDisposable? Attached => _attached;

    /// <summary>Something that is let go before the object is.</summary>
    public void Attach(IDisposable resource) => _attached = resource;

    /// <summary>A further hold.</summary>
    public SharedReference Share()
    {
        SharedRegion region = Region;
        region.AddReference();
        GC.KeepAlive(this);
        return new SharedReference(region, _isOfTask);
    }

    /// <summary>What this process keeps beside the memory. Where it cannot be made, the hold is given back.</summary>
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

    /// <summary>A setting of the object's kind, within its limits. Where it is beyond them, the hold is given back.</summary>
    /// <exception cref="ChannelCorruptedException">No sound process has written it.</exception>
    public int Trait(int least, int most)
    {
        SharedFormat format = Region.Format;
        if (format.Traits >= least && format.Traits <= most) return (int)format.Traits;
        Dispose();
        throw new ChannelCorruptedException($"The setting of a {format.Kind} is {format.Traits}, expected {least} to {most}.");
    }

    /// <summary>A pointer into the memory leaves this library.</summary>
    public void Expose() => _isExposed = true;

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>This one, if the object is what is expected; otherwise the hold is given back.</summary>
    /// <exception cref="SharedObjectException">It is another kind of object, or its elements are of another type.</exception>
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
