using Microsoft.Win32.SafeHandles;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Shared;

/// <summary>A shared object as this process has it: mapped once, however many hold it here.</summary>
/// <remarks>
/// <para>It is known by its cookie: what arrives twice is the same region. With its last <see cref="SharedReference"/> the process
/// lets go of it, and what it keeps beside the memory (<see cref="State{TState}"/>) is disposed.</para>
/// <para>Memory and arrays, which users see as spans, are unmapped at that moment. Other kinds stay mapped until nothing
/// refers to this object any more: an operation that another thread is in when the object is disposed then ends in memory that is
/// still there. Such operations keep the region alive by <see cref="GC.KeepAlive"/>, and need no count of their own.</para>
/// </remarks>
internal sealed unsafe class SharedRegion
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<ChannelCookie, SharedRegion> s_open = [];

    private readonly Lock _stateGate = new();
    private readonly SharedSegment _segment;
    private readonly ChannelKind _kind;
    private int _references; // Interlocked; under s_gate where it leaves 0 at first, and where it comes to 0
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

    /// <summary>Regions that this process has open.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate) return s_open.Count;
        }
    }

    public SharedFormat Format { get; }

    public ChannelCookie Cookie { get; }

    /// <summary>How memory is shared, and with it how sleepers are woken.</summary>
    public ChannelKind Kind => _kind;

    /// <summary>The bytes behind header and process slots; valid while a reference is held.</summary>
    public byte* Data { get; }

    public SharedHeader* Header => (SharedHeader*)_segment.Start;

    /// <summary>Where the process slots stand; as many as the format says.</summary>
    public byte* ProcessSlots => _segment.At(SharedHeader.HeaderSize, (long)Format.ProcessSlots * ProcessTable.SlotSize);

    /// <summary>The processes that use it, for those who look before they take part.</summary>
    public ProcessTable Table => new(ProcessSlots, Format.ProcessSlots, &Header->Joins);

    /// <summary>Bytes of memory that it takes at this moment, of all processes together.</summary>
    public long InUse => _segment.InUse;

    /// <summary>What another process needs to open it through this one.</summary>
    public SharedHandle Handle
    {
        get
        {
            SegmentAddress address = _segment.AddressHere;
            return new SharedHandle(address.Number, _segment.Length, Cookie, address.OwnerId, (int)_kind);
        }
    }

    /// <summary>Makes this process one of those that use it.</summary>
    /// <param name="repair">As for <see cref="ProcessRegistration"/>.</param>
    /// <param name="left">As for <see cref="ProcessRegistration"/>.</param>
    public ProcessRegistration Join(Action<int, ProcessIdentity> repair, Action? left = null) => new(Table, Kind, this, repair, left);

    /// <summary>Makes an object.</summary>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
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
            throw new SharedObjectException($"A shared object of {format.Length:N0} bytes could not be made: {e.Message}", e);
        }

        return Enter(new SharedRegion(segment, store.Kind, format, cookie));
    }

    /// <summary>Opens what another process, or this one, has sent.</summary>
    /// <exception cref="SharedObjectException">It is gone, or of another version.</exception>
    public static SharedRegion Open(in SharedHandle handle)
    {
        lock (s_gate)
        {
            if (s_open.TryGetValue(handle.Cookie, out SharedRegion? known))
            {
                Interlocked.Increment(ref known._references); // at least 1 before: with 0 it leaves s_open
                return known;
            }
        }

        if (handle.Platform is not ((int)ChannelKind.Linux or (int)ChannelKind.Portable))
            throw new ChannelCorruptedException($"A handle names {handle.Platform} as the way in which memory is shared.");
        SharedStore store = SharedStore.Of((ChannelKind)handle.Platform);
        return Enter(store, store.Open(handle), handle.Cookie);
    }

    /// <summary>Opens what living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none, or of another version.</exception>
    public static SharedRegion OpenNamed(string name, SharedStore store)
    {
        SharedStore.CheckName(name);
        return Enter(store, store.OpenNamed(name), null);
    }

    /// <summary>Writes behind what is mapped.</summary>
    /// <exception cref="SharedObjectException">There is no space left.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public void WriteBeyond(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(FileBeyond(offset, bytes.Length), bytes, Format.Length + offset);
        }
        catch (IOException e)
        {
            throw new SharedObjectException($"{bytes.Length:N0} bytes could not be written into a shared object: {e.Message}", e);
        }
    }

    /// <summary>Reads from behind what is mapped; what was never written is zero.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public void ReadBeyond(long offset, Span<byte> bytes)
    {
        SafeFileHandle file = FileBeyond(offset, bytes.Length);
        for (int read = 0; read < bytes.Length;)
        {
            int more = RandomAccess.Read(file, bytes[read..], Format.Length + offset + read);
            read += more > 0 ? more : throw new ChannelCorruptedException($"The file of a shared object ends at {offset + read} of {Format.Beyond} bytes.");
        }
    }

    /// <summary>Gives the space of what was written back, where the system can.</summary>
    public void FreeBeyond(long offset, long length)
    {
        if (OperatingSystem.IsLinux() && length > 0)
            LinuxMemory.FreePages(FileBeyond(offset, length), Format.Length + offset, length);
    }

    /// <exception cref="ObjectDisposedException">The last was given back meanwhile.</exception>
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

    /// <summary>Keeps it mapped until what is returned is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The last reference was given back meanwhile.</exception>
    public Holding Hold()
    {
        AddReference();
        return new Holding(this);
    }

    /// <summary>Gives one reference back, and with the last everything. So does a thread that is interrupted: a reference that it kept would keep the memory until the process ends.</summary>
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

        _pressure = _segment.InUse; // not its length: a queue has address space for more processes than come
        _segment.Detach();
        if (_pressure > 0) GC.AddMemoryPressure(_pressure);
    }

    /// <summary>What this process keeps beside the memory, one for all that hold the object here; made at the first call.</summary>
    public TState State<TState>(Func<SharedRegion, TState> make)
        where TState : class, IDisposable
    {
        lock (_stateGate) return (TState)(_state ??= make(this));
    }

    // What may be the last is given back under the gate, so that who finds the region in s_open has it.
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
        : throw new ChannelCorruptedException($"{length} bytes at {offset} do not lie in {Format.Beyond} bytes.");

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
            if (!s_open.TryGetValue(region.Cookie, out known)) s_open.Add(region.Cookie, known = region);
            Interlocked.Increment(ref known._references);
        }

        if (known != region) region.Unmap(); // another thread, or another name, was first
        return known;
    }

    /// <summary>A reference for the length of one operation.</summary>
    internal readonly ref struct Holding(SharedRegion region) : IDisposable
    {
        private readonly SharedRegion _region = region;

        public void Dispose() => _region.Release();
    }
}
