using System.Text;
using Samovar.Ipc;
using Samovar.Ipc.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>The first messages on a channel. Their tags are above those that executors use.</summary>
internal static class Handshake
{
    /// <summary>The version of the messages; incremented with any change.</summary>
    public const ushort Version = 1;

    /// <summary>Parent to worker: <see cref="WorkerHello"/>.</summary>
    public const ushort HelloTag = 0xFF01;

    /// <summary>Worker to parent: <see cref="WorkerReady"/>.</summary>
    public const ushort ReadyTag = 0xFF02;

    /// <summary>Worker to parent: <see cref="WorkerFailed"/>.</summary>
    public const ushort FailedTag = 0xFF03;

    public static byte[] Write(Action<BinaryWriter> fields)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8))
        {
            writer.Write(Version);
            fields(writer);
        }

        return stream.ToArray();
    }

    /// <summary>Reads a message; malformed data is treated as a corrupted channel.</summary>
    public static T Read<T>(ReadOnlySpan<byte> message, Func<BinaryReader, T> fields)
    {
        using var reader = new BinaryReader(new MemoryStream(message.ToArray(), writable: false), Encoding.UTF8);
        try
        {
            ushort version = reader.ReadUInt16();
            if (version != Version)
            {
                throw new ChannelCorruptedException(
                    $"The handshake has version {version}, expected {Version}: parent and worker run different builds of Samovar.");
            }

            return fields(reader);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or DecoderFallbackException)
        {
            throw new ChannelCorruptedException($"The handshake is malformed: {e.Message}", e);
        }
    }

    public static void Write(this BinaryWriter writer, ChannelCookie cookie)
    {
        writer.Write(cookie.Low);
        writer.Write(cookie.High);
    }

    public static ChannelCookie ReadCookie(this BinaryReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    public static void Write(this BinaryWriter writer, ModuleId module)
    {
        writer.Write(module.Assembly);
        writer.Write(module.Version.ToByteArray());
    }

    public static ModuleId ReadModule(this BinaryReader reader) => new(reader.ReadString(), new Guid(reader.ReadBytes(16)));

    public static void Write(this BinaryWriter writer, IReadOnlyCollection<string> items)
    {
        writer.Write7BitEncodedInt(items.Count);
        foreach (string item in items) writer.Write(item);
    }

    public static string[] ReadStrings(this BinaryReader reader) => ReadList(reader, r => r.ReadString());

    public static T[] ReadList<T>(this BinaryReader reader, Func<BinaryReader, T> item)
    {
        int count = reader.Read7BitEncodedInt();
        if (count < 0 || count > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new FormatException($"a list of {count} items in {reader.BaseStream.Length} bytes");

        var items = new T[count];
        for (int i = 0; i < count; i++) items[i] = item(reader);
        return items;
    }
}
