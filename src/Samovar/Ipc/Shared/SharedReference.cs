namespace Samovar.Ipc;

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
    private bool _isExposed;

    private SharedReference(SharedRegion region, bool isOfTask)
    {
        _region = region;
        _isOfTask = isOfTask;
    }

    ~SharedReference()
    {
        if (!_isExposed || _isOfTask)
            Release();
    }

    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public SharedRegion Region => Volatile.Read(ref _region) ?? throw new ObjectDisposedException("A shared object", "The shared object was disposed in this process.");

    public bool IsDisposed => Volatile.Read(ref _region) is null;

    public static SharedReference Create(SharedFormat format, SharedStore? store = null) =>
        new(SharedRegion.Create(format, store ?? SharedStore.Current), isOfTask: false);

    public static SharedReference OpenNamed(SharedFormat expected, string name, SharedStore? store = null) =>
        Fitting(new SharedReference(SharedRegion.OpenNamed(name, store ?? SharedStore.Current), isOfTask: false), expected);

    /// <summary>Opens what arrived, whatever it is.</summary>
    public static SharedReference Open(in SharedHandle handle, bool isOfTask = false) => new(SharedRegion.Open(handle), isOfTask);

    public static SharedReference Open(in SharedHandle handle, SharedFormat expected, bool isOfTask) => Fitting(Open(handle, isOfTask), expected);

    /// <summary>A further hold.</summary>
    public SharedReference Share()
    {
        SharedRegion region = Region;
        region.AddReference();
        GC.KeepAlive(this);
        return new SharedReference(region, _isOfTask);
    }

    /// <summary>A pointer into the memory leaves this library.</summary>
    public void Expose() => _isExposed = true;

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private static SharedReference Fitting(SharedReference reference, SharedFormat expected)
    {
        try
        {
            reference.Region.Format.CheckFits(expected);
            return reference;
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }

    private void Release() => Interlocked.Exchange(ref _region, null)?.Release();
}
