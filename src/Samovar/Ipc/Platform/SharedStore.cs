using System.Collections.Concurrent;
using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Ipc.Platform;

/// <summary>Where shared objects are stored, how they are found by name, and how they are freed with their last process.</summary>
/// <remarks>Linux: <see cref="LinuxSharedStore"/>. Other systems, or if forced: <see cref="PortableSharedStore"/>. Thread-safe.</remarks>
internal abstract class SharedStore
{
    public const int LongestName = 100;

    private static readonly ConcurrentDictionary<ChannelKind, SharedStore> s_stores = new();

    /// <summary>The store for objects that this process creates.</summary>
    public static SharedStore Current => Of(ChannelPlatform.Current.Kind);

    public abstract ChannelKind Kind { get; }

    public static SharedStore Of(ChannelKind kind) => s_stores.GetOrAdd(kind, static kind => kind switch
    {
        ChannelKind.Linux when OperatingSystem.IsLinux() => new LinuxSharedStore(),
        ChannelKind.Portable => new PortableSharedStore(),
        _ => throw new PlatformNotSupportedException($"This system does not support shared objects in {kind} memory."),
    });

    /// <summary>Creates a zeroed segment of this user, and lays it out.</summary>
    /// <param name="length">The number of bytes to map.</param>
    /// <param name="beyond">The number of further bytes, which are not mapped and take no space until they are written.</param>
    /// <param name="name">The name by which other processes find the object; null for an unnamed object.</param>
    /// <param name="cookie">The object's cookie.</param>
    /// <param name="layOut">Writes the header; other processes may find the object after that.</param>
    /// <exception cref="SharedObjectException">The name is taken.</exception>
    /// <exception cref="IOException">The operating system refused; the message states the reason and what to do.</exception>
    public abstract SharedSegment Create(long length, long beyond, string? name, ChannelCookie cookie, Action<SharedSegment> layOut);

    /// <summary>Opens an object that a living process holds.</summary>
    /// <exception cref="SharedObjectException">The object no longer exists.</exception>
    /// <exception cref="ChannelCorruptedException">The handle refers to something else.</exception>
    public abstract SharedSegment Open(in SharedHandle handle);

    /// <summary>Opens the named object that living processes hold.</summary>
    /// <exception cref="SharedObjectException">There is no such object.</exception>
    public abstract SharedSegment OpenNamed(string name);

    /// <summary>Registers this process as a holder of a named object that it has opened in another way than by its name.</summary>
    public virtual void Join(SharedSegment segment, string name)
    {
    }

    public static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > LongestName || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') || name[0] == '.')
        {
            throw new ArgumentException(
                $"'{name}' is not a valid name for a shared object. Use 1 to {LongestName} letters, digits, '-', '_' and '.', not starting with '.'.", nameof(name));
        }
    }

    protected static SharedObjectException Taken(string name) => new(SharedObjectFault.NameTaken,
        $"A living process holds a shared object named '{name}'. Open it, or use another name.");

    protected static SharedObjectException NotFound(string name) => new(SharedObjectFault.NotFound,
        $"No living process of this user holds a shared object named '{name}'.");
}
