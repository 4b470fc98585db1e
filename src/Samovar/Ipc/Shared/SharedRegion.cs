using Microsoft.Win32.SafeHandles;
using Samovar.Diagnostics.Inspection;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Shared;

/// <summary>A shared object in this process: mapped once, however many references there are.</summary>
/// <remarks>
/// <para>It is identified by its cookie: an object that arrives twice is the same region. When its last <see cref="SharedReference"/> is released,
/// the process releases the object, and the state that it has in addition to the memory (<see cref="State{TState}"/>) is disposed.</para>
/// <para>Memory and arrays, which users see as spans, are unmapped at that moment. Other kinds stay mapped until this object is no longer referenced:
/// an operation of another thread that is in progress when the object is disposed then completes on memory that is still mapped. Such operations keep
/// the region alive with <see cref="GC.KeepAlive"/>, and need no reference count.</para>
/// </remarks>
internal sealed unsafe class SharedRegion
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<ChannelCookie, SharedRegion> s_open = [];
    private static long s_created; // Interlocked

    private readonly Lock _stateGate = new();
    private readonly SharedSegment _segment;
    private readonly ChannelKind _kind;
    private int _references; // Interlocked; under s_gate for the steps from and to 0
    private IDisposable? _state; // _stateGate
    private long _pressure;

    private SharedRegion(SharedSegment segment, ChannelKind kind, SharedFormat format, ChannelCookie cookie)
    {
        _segment = segment;
        _kind = kind;
        Format = format;
        Cookie = cookie;
        Data = segment.At(format.DataOffset, format.DataLength);
    }

    ~SharedRegion()
    {
        if (_pressure > 0) GC.RemoveMemoryPressure(_pressure);
        _segment.Dispose();
    }

    /// <summary>The number of regions that this process has open.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate) return s_open.Count;
        }
    }

    /// <summary>The state that this process has in addition to the memory; null while it has none.</summary>
    public IDisposable? StateOrNull
    {
        get
        {
            lock (_stateGate) return _state;
        }
    }

    /// <summary>Its number among the regions of this process, from 1.</summary>
    public long Number { get; } = Interlocked.Increment(ref s_created);

    public SharedFormat Format { get; }

    public ChannelCookie Cookie { get; }

    /// <summary>How the memory is shared and sleepers are woken.</summary>
    public ChannelKind Kind => _kind;

    /// <summary>The bytes after header and process slots; valid while a reference is held.</summary>
    public byte* Data { get; }

    public SharedHeader* Header => (SharedHeader*)_segment.Start;

    /// <summary>The process slots; their number is in the format.</summary>
    public byte* ProcessSlots => _segment.At(SharedHeader.HeaderSize, (long)Format.ProcessSlots * ProcessTable.SlotSize);

    /// <summary>The processes that use the object, for a look before registering.</summary>
    public ProcessTable Table => new(ProcessSlots, Format.ProcessSlots, &Header->Joins);

    /// <summary>The bytes of memory that the object uses at this moment, for all processes together.</summary>
    public long InUse => _segment.InUse;

    /// <summary>What another process needs to open the object through this process.</summary>
    public SharedHandle Handle
    {
        get
        {
            SegmentAddress address = _segment.AddressHere;
            return new SharedHandle(address.Number, _segment.Length, Cookie, address.OwnerId, (int)_kind);
        }
    }

    /// <summary>Returns the regions that this process has open, at most <paramref name="most"/>.</summary>
    public static List<SharedRegion> Open(int most)
    {
        lock (s_gate) return [.. s_open.Values.Take(most)];
    }

    /// <summary>Registers this process as a user of the object.</summary>
    /// <param name="repair">See <see cref="ProcessRegistration"/>.</param>
    /// <param name="left">See <see cref="ProcessRegistration"/>.</param>
    public ProcessRegistration Join(Action<int, ProcessIdentity> repair, Action? left = null) => new(Table, Kind, this, repair, left);

    /// <summary>Creates an object.</summary>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the memory.</exception>
    public static SharedRegion Create(SharedFormat format, SharedStore store)
    {
        if (format.Name is { } name) SharedStore.CheckName(name);
        var cookie = ChannelCookie.Random();
        SharedSegment segment;
        try
        {
            segment = store.Create(format.Length, format.Beyond, format.Name, cookie, memory => format.Write(memory, cookie));
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not SharedObjectException))
        {
            throw new SharedObjectException($"A shared object of {format.Length:N0} bytes could not be created: {e.Message}", e);
        }

        return Enter(new SharedRegion(segment, store.Kind, format, cookie));
    }

    /// <summary>Opens an object that another process, or this one, has sent.</summary>
    /// <exception cref="SharedObjectException">The object no longer exists, or another version created it.</exception>
    public static SharedRegion Open(in SharedHandle handle)
    {
        lock (s_gate)
        {
            if (s_open.TryGetValue(handle.Cookie, out SharedRegion? known))
            {
                Interlocked.Increment(ref known._references); // it was at least 1, because a region with 0 references is not in s_open
                return known;
            }
        }

        if (handle.Platform is not ((int)ChannelKind.Linux or (int)ChannelKind.Portable))
            throw new ChannelCorruptedException($"A handle of a shared object names the unknown platform {handle.Platform}.");
        SharedStore store = SharedStore.Of((ChannelKind)handle.Platform);
        return Enter(store, store.Open(handle), handle.Cookie);
    }

    /// <summary>Opens the named object that living processes hold.</summary>
    /// <exception cref="SharedObjectException">There is no such object, or another version created it.</exception>
    public static SharedRegion OpenNamed(string name, SharedStore store)
    {
        SharedStore.CheckName(name);
        return Enter(store, store.OpenNamed(name), null);
    }

    /// <summary>Writes to the unmapped part of the file.</summary>
    /// <exception cref="SharedObjectException">No space is left.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public void WriteBeyond(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(FileBeyond(offset, bytes.Length), bytes, Format.Length + offset);
        }
        catch (IOException e)
        {
            throw new SharedObjectException($"{bytes.Length:N0} bytes could not be written to a shared object: {e.Message}", e);
        }
    }

    /// <summary>Reads from the unmapped part of the file; bytes that were never written are zero.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public void ReadBeyond(long offset, Span<byte> bytes)
    {
        SafeFileHandle file = FileBeyond(offset, bytes.Length);
        for (int read = 0; read < bytes.Length;)
        {
            int more = RandomAccess.Read(file, bytes[read..], Format.Length + offset + read);
            read += more > 0 ? more : throw new ChannelCorruptedException($"A shared object's file is too short: it has {offset + read} of {Format.Beyond} unmapped bytes.");
        }
    }

    /// <summary>Returns the space of written bytes to the system, where the system supports it.</summary>
    public void FreeBeyond(long offset, long length)
    {
        if (OperatingSystem.IsLinux() && length > 0)
            LinuxMemory.FreePages(FileBeyond(offset, length), Format.Length + offset, length);
    }

    /// <exception cref="ObjectDisposedException">The last reference was released in the meantime.</exception>
    public void AddReference()
    {
        while (true)
        {
            int seen = Volatile.Read(ref _references);
            if (seen == 0)
                throw new ObjectDisposedException("A shared object", "The shared object was disposed in this process.");
            if (Interlocked.CompareExchange(ref _references, seen + 1, seen) == seen) return;
        }
    }

    /// <summary>Keeps the object mapped until the returned value is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The last reference was released in the meantime.</exception>
    public Holding Hold()
    {
        AddReference();
        return new Holding(this);
    }

    /// <summary>Releases one reference, and with the last one the object. Thread.Interrupt does not prevent that: a remaining reference would keep
    /// the memory until the process exits.</summary>
    public void Release()
    {
        if (TryReleaseBeforeLast()) return;
        using (s_gate.HoldRegardless())
        {
            if (Interlocked.Decrement(ref _references) > 0) // SYNC: region released
                return;
            s_open.Remove(Cookie);
        }

        using (_stateGate.HoldRegardless()) _state?.Dispose();
        if (Format.Kind is SharedKind.Memory or SharedKind.Array)
        {
            Unmap();
            return;
        }

        _pressure = _segment.InUse; // not its length: a queue reserves address space for more processes than it has
        _segment.Detach();
        if (_pressure > 0) GC.AddMemoryPressure(_pressure);
    }

    /// <summary>Gets or creates the state that this process has in addition to the memory, shared by all references in this process.</summary>
    public TState State<TState>(Func<SharedRegion, TState> make)
        where TState : class, IDisposable
    {
        lock (_stateGate) return (TState)(_state ??= make(this));
    }

    // The last reference may be released under the gate only, so that a thread that finds the region in s_open can add a reference to it.
    private bool TryReleaseBeforeLast()
    {
        while (true)
        {
            int seen = Volatile.Read(ref _references);
            if (seen <= 1) return false;
            if (Interlocked.CompareExchange(ref _references, seen - 1, seen) == seen) // SYNC: region released
                return true;
        }
    }

    private SafeFileHandle FileBeyond(long offset, long length) => offset >= 0 && length >= 0 && offset <= Format.Beyond - length
        ? _segment.File ?? throw new ObjectDisposedException("A shared object", "The shared object was disposed in this process.")
        : throw new ChannelCorruptedException($"{length} bytes at {offset} are not inside the unmapped part of {Format.Beyond} bytes.");

    private void Unmap()
    {
        GC.SuppressFinalize(this);
        _segment.Dispose();
    }

    private static SharedRegion Enter(SharedStore store, SharedSegment segment, ChannelCookie? cookie)
    {
        try
        {
            SharedFormat format = SharedFormat.Read(segment, cookie, out ChannelCookie found);
            if (format.Name is { } name) store.Join(segment, name);
            return Enter(new SharedRegion(segment, store.Kind, format, found));
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    private static SharedRegion Enter(SharedRegion region)
    {
        SharedRegion? known;
        lock (s_gate)
        {
            if (s_open.Count == 0) PrimitiveRegistry.SetShared(RegionInspection.Capture);
            if (!s_open.TryGetValue(region.Cookie, out known)) s_open.Add(region.Cookie, known = region);
            Interlocked.Increment(ref known._references);
        }

        if (known != region) region.Unmap(); // another thread was faster, or the object is open under another name
        return known;
    }

    /// <summary>A reference for the duration of one operation.</summary>
    internal readonly ref struct Holding(SharedRegion region) : IDisposable
    {
        private readonly SharedRegion _region = region;

        public void Dispose() => _region.Release();
    }
}
