using System.Collections.Concurrent;
using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Ipc.Platform;

/// <summary>Where shared objects lie, how they are found by name, and how they go with their last process.</summary>
/// <remarks>Linux: <see cref="LinuxSharedStore"/>. Elsewhere, or forced: <see cref="PortableSharedStore"/>. Safe for any thread.</remarks>
internal abstract class SharedStore
{
    public const int LongestName = 100;

    private static readonly ConcurrentDictionary<ChannelKind, SharedStore> s_stores = new();

    /// <summary>The store for objects that this process makes.</summary>
    public static SharedStore Current => Of(ChannelPlatform.Current.Kind);

    public abstract ChannelKind Kind { get; }

    public static SharedStore Of(ChannelKind kind) => s_stores.GetOrAdd(kind, static kind => kind switch
    {
        ChannelKind.Linux when OperatingSystem.IsLinux() => new LinuxSharedStore(),
        ChannelKind.Portable => new PortableSharedStore(),
        _ => throw new PlatformNotSupportedException($"Shared objects do not lie in {kind} memory here."),
    });

    /// <summary>Makes a zeroed segment of this user's, and lays it out.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="beyond">Further bytes, which take no space until they are written and are not mapped.</param>
    /// <param name="name">Under which others are to find it; null for none.</param>
    /// <param name="cookie">The object's.</param>
    /// <param name="layOut">Writes the header; after that it may be found.</param>
    /// <exception cref="SharedObjectException">The name is taken.</exception>
    /// <exception cref="IOException">Refused by the operating system; the text says why and what to do.</exception>
    public abstract SharedSegment Create(long length, long beyond, string? name, ChannelCookie cookie, Action<SharedSegment> layOut);

    /// <summary>Opens what a living process holds.</summary>
    /// <exception cref="SharedObjectException">It is gone.</exception>
    /// <exception cref="ChannelCorruptedException">What is there is no such segment.</exception>
    public abstract SharedSegment Open(in SharedHandle handle);

    /// <summary>Opens what living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is no such.</exception>
    public abstract SharedSegment OpenNamed(string name);

    /// <summary>Makes this process a holder under whom the object is found, after it got it in another way.</summary>
    public virtual void Join(SharedSegment segment, string name)
    {
    }

    public static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > LongestName || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') || name[0] == '.')
        {
            throw new ArgumentException(
                $"'{name}' is no name for a shared object: 1 to {LongestName} letters, digits, '-', '_' and '.', not starting with '.'.", nameof(name));
        }
    }

    protected static SharedObjectException Taken(string name) => new(SharedObjectFault.NameTaken,
        $"A living process holds a shared object named '{name}'. Open it, or take another name.");

    protected static SharedObjectException NotFound(string name) => new(SharedObjectFault.NotFound,
        $"No living process of this user holds a shared object named '{name}'.");
}
