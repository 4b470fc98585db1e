using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Shared;

/// <summary>The format with which a shared object is created, or that an opener expects.</summary>
internal sealed record SharedFormat
{
    public const int MaxProcessSlots = 4096;

    private const int PageSize = 4096;
    private const ulong NoElement = 14695981039346656037; // FNV-1a of no bytes

    public required SharedKind Kind { get; init; }

    /// <summary>The size of an element in bytes; 0 if elements have no fixed size.</summary>
    public int ElementSize { get; init; }

    /// <summary>The name of the element type: equal names of equal size are the same type for all processes.</summary>
    public string ElementName { get; init; } = "";

    /// <summary>The name by which other processes open the object, null for an unnamed object. An opener reads it from the header.</summary>
    public string? Name { get; init; }

    /// <summary>The number of elements. An opener reads it from the header.</summary>
    public long Capacity { get; init; }

    /// <summary>Further settings, specific to the kind. An opener reads them from the header.</summary>
    public long Traits { get; init; }

    /// <summary>How many processes can use the object at once; 0 for kinds that do not register processes.</summary>
    public int ProcessSlots { get; init; }

    /// <summary>The value of the first eight bytes of the data when others can first find the object. Not used by an opener.</summary>
    public long First { get; init; }

    /// <summary>The number of bytes after header and process slots.</summary>
    public long DataLength { get; init; }

    /// <summary>The number of further bytes in the file, which no process maps. An opener reads it from the header.</summary>
    public long Beyond { get; init; }

    /// <summary>A hash that distinguishes element types.</summary>
    public ulong ElementIdentity { get; private init; } = NoElement;

    /// <summary>The offset of the data: the start of a page, unless everything fits into the first page.</summary>
    public long DataOffset
    {
        get
        {
            long end = SharedHeader.HeaderSize + ((long)ProcessSlots * ProcessTable.SlotSize);
            return end + DataLength <= PageSize ? end : Page(end);
        }
    }

    public long Length => Page(DataOffset + DataLength);

    public static SharedFormat Of<T>(SharedKind kind)
        where T : unmanaged => new SharedFormat { Kind = kind, ElementSize = Unsafe.SizeOf<T>() }.WithElement(typeof(T));

    /// <summary>Returns the format for elements of a type without a fixed size.</summary>
    public SharedFormat WithElement(Type type) => this with { ElementName = type.ToString(), ElementIdentity = Hash(type.ToString()) };

    /// <summary>Writes the header of a new, zeroed segment. The magic number is written last.</summary>
    public unsafe void Write(SharedSegment memory, ChannelCookie cookie)
    {
        var header = (SharedHeader*)memory.At(0, SharedHeader.HeaderSize);
        header->Version = SharedHeader.VersionValue;
        header->Kind = Kind;
        header->Length = Length;
        header->Beyond = Beyond;
        header->DataOffset = DataOffset;
        header->Capacity = Capacity;
        header->Traits = Traits;
        header->ElementSize = ElementSize;
        header->ProcessSlots = ProcessSlots;
        header->ElementIdentity = ElementIdentity;
        header->CookieLow = cookie.Low;
        header->CookieHigh = cookie.High;
        Put(ElementName, header->ElementName);
        Put(Name, header->Name);
        if (First != 0) *(long*)memory.At(DataOffset, sizeof(long)) = First;
        Volatile.Write(ref header->Magic, SharedHeader.MagicValue); // SYNC: shared object ready
    }

    /// <summary>Reads the format of a segment after checking every field of its header.</summary>
    /// <param name="memory">The segment.</param>
    /// <param name="expected">The object's expected cookie; null if it is opened by name.</param>
    /// <param name="cookie">The object's cookie.</param>
    /// <exception cref="SharedObjectException">The segment holds another object, or one of another version.</exception>
    /// <exception cref="ChannelCorruptedException">The header is not valid.</exception>
    public static unsafe SharedFormat Read(SharedSegment memory, ChannelCookie? expected, out ChannelCookie cookie)
    {
        if (memory.Length < SharedHeader.HeaderSize) throw Bad("length", memory.Length, $"at least {SharedHeader.HeaderSize}");
        var header = (SharedHeader*)memory.Start;
        ulong magic = Volatile.Read(ref header->Magic); // SYNC: shared object ready
        if (magic != SharedHeader.MagicValue) throw Bad("magic number", (long)magic, $"{SharedHeader.MagicValue}");

        // The header is copied once and then checked, so the checked values are the ones that are used.
        SharedHeader copy = *header;
        if (copy.Version != SharedHeader.VersionValue)
        {
            throw new SharedObjectException(SharedObjectFault.VersionMismatch,
                $"The shared object has format {copy.Version}; this build of Samovar supports {SharedHeader.VersionValue}. Use one build in all processes.");
        }

        cookie = new ChannelCookie(copy.CookieLow, copy.CookieHigh);
        if (expected is { } known && !cookie.Matches(known))
            throw new SharedObjectException(SharedObjectFault.NotFound, "The shared object no longer exists: another object is in its place.");
        if (copy.ElementSize < 0) throw Bad("element size", copy.ElementSize, "0 or more");
        if (copy.ProcessSlots is < 0 or > MaxProcessSlots)
            throw Bad("number of process slots", copy.ProcessSlots, $"0 to {MaxProcessSlots}");
        if (copy.Length != memory.Length) throw Bad("length", copy.Length, $"{memory.Length}");
        if (copy.Beyond != memory.Beyond) throw Bad("length of the unmapped part", copy.Beyond, $"{memory.Beyond}");
        if (copy.DataOffset < SharedHeader.HeaderSize || copy.DataOffset > copy.Length)
            throw Bad("data offset", copy.DataOffset, $"{SharedHeader.HeaderSize} to {copy.Length}");
        if (copy.Capacity < 0 || (copy.ElementSize > 0 && copy.Capacity > (copy.Length - copy.DataOffset) / copy.ElementSize))
            throw Bad("capacity", copy.Capacity, $"0 to {(copy.Length - copy.DataOffset) / Math.Max(1, copy.ElementSize)}");

        var found = new SharedFormat
        {
            Kind = copy.Kind,
            ElementSize = copy.ElementSize,
            ElementName = Get(copy.ElementName),
            ElementIdentity = copy.ElementIdentity,
            Name = Get(copy.Name) is { Length: > 0 } name ? name : null,
            Capacity = copy.Capacity,
            Traits = copy.Traits,
            ProcessSlots = copy.ProcessSlots,
            DataLength = copy.Length - copy.DataOffset,
            Beyond = copy.Beyond,
        };
        return found.DataOffset == copy.DataOffset ? found : throw Bad("data offset", copy.DataOffset, $"{found.DataOffset}");
    }

    /// <summary>Checks the kind of object and the element type.</summary>
    /// <exception cref="SharedObjectException">The object is of another kind, or its elements are of another type.</exception>
    public void CheckFits(SharedFormat expected)
    {
        if (Kind != expected.Kind || ElementIdentity != expected.ElementIdentity || ElementSize != expected.ElementSize)
            throw new SharedObjectException(SharedObjectFault.TypeMismatch, $"The shared object is {Describe()}, not {expected.Describe()}.");
    }

    private string Describe() =>
        ElementName.Length == 0 ? $"a {Kind}" : $"a {Kind} of {ElementName} ({(ElementSize == 0 ? "serialized" : $"{ElementSize} bytes each")})";

    private static void Put(string? text, Span<byte> place) =>
        Encoding.UTF8.GetEncoder().Convert(text, place, flush: true, out _, out _, out _);

    private static string Get(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    private static ChannelCorruptedException Bad(string field, long found, string expected) => SharedHeader.Bad(field, found, expected);

    private static long Page(long size) => (size + PageSize - 1) & -PageSize;

    // FNV-1a, because the hash must be the same in every process; string.GetHashCode is not.
    private static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in MemoryMarshal.AsBytes(text.AsSpan())) hash = (hash ^ b) * 1099511628211;
        return hash;
    }
}
