using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Executors.Mapping;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Pipes;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>Reads a result where it is stored: in the ring, in its own segment, or in a copy. Used by one thread, for one result after the
/// other.</summary>
internal sealed unsafe class ResultReader : ResultSource
{
    private ShippingReader? _reader;
    private byte* _start;
    private int _length;
    private byte[]? _copy;
    private SharedReference[] _shared = [];
    private long _elapsed;

    public override ReadOnlySpan<byte> Bytes => _copy ?? new ReadOnlySpan<byte>(_start, _length);

    public override TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, _elapsed);

    /// <summary>Points this instance at a result that stays where it is until the next call.</summary>
    public ResultReader At(ShippingReader reader, byte* start, int length, long took)
    {
        _reader = reader;
        _start = start;
        _length = length;
        _copy = null;
        _shared = [];
        _elapsed = took;
        Earlier = [];
        return this;
    }

    /// <summary>Creates a reader for bytes that no other code changes.</summary>
    public static ResultReader Of(ShippingReader reader, byte[] bytes) => new() { _reader = reader, _copy = bytes };

    /// <summary>Creates a reader for the items of a batch that its worker wrote into the journal before it died.</summary>
    /// <param name="reader">The reader of the worker's messages.</param>
    /// <param name="journal">What the worker wrote.</param>
    /// <param name="earlier">The results of the items before those.</param>
    public static ResultReader OfJournal(ShippingReader reader, ItemJournalCopy journal, IReadOnlyList<ResultSource> earlier)
    {
        byte[] block = new byte[ItemBlock.HeaderSize + journal.Entries.Length];
        MemoryMarshal.Write(block, journal.Sent);
        MemoryMarshal.Write(block.AsSpan(sizeof(int)), journal.EntryCount);
        journal.Entries.CopyTo(block, ItemBlock.HeaderSize);
        return new() { _reader = reader, _copy = block, Earlier = earlier };
    }

    /// <summary>Copies a result that another thread will read later, and holds those shared objects in it that can still be opened.</summary>
    /// <param name="reader">The reader of the worker's messages.</param>
    /// <param name="body">The body, followed by the handles of the shared objects.</param>
    /// <param name="sharedObjects">The number of shared objects.</param>
    /// <param name="took">How long the work ran.</param>
    public static ResultReader Copy(ShippingReader reader, ReadOnlySpan<byte> body, int sharedObjects, long took)
    {
        var result = ResultMessage.Split(body, sharedObjects);
        return Copy(reader, result, body[result.Length..], took);
    }

    private static ResultReader Copy(ShippingReader reader, ReadOnlySpan<byte> body, ReadOnlySpan<byte> handles, long took)
    {
        var shared = new List<SharedReference>(handles.Length / SharedHandle.Size);
        for (; !handles.IsEmpty; handles = handles[SharedHandle.Size..])
        {
            if (TryHold(SharedHandle.Read(handles)) is { } hold) shared.Add(hold);
        }

        return new() { _reader = reader, _copy = body.ToArray(), _shared = [.. shared], _elapsed = took };
    }

    /// <inheritdoc cref="Copy(ShippingReader, ReadOnlySpan{byte}, int, long)"/>
    public static ResultReader Copy(ShippingReader reader, ResultMessage message) => Copy(reader, message.Body, message.Handles, message.Header.Elapsed);

    public override T Read<T>()
    {
        try
        {
            return _reader!.Read<T>(Bytes, InFlightHandles.None);
        }
        finally
        {
            Release();
        }
    }

    public override PartReader<T> PartsOf<T>()
    {
        var reader = _reader!;
        return part => reader.Read<T>(part, InFlightHandles.None);
    }

    public override void Release()
    {
        foreach (var reference in _shared) reference.Dispose();
    }

    private static SharedReference? TryHold(in SharedHandle handle)
    {
        try
        {
            return PipeHold.Open(handle);
        }
        catch (IOException error) when (error is not ChannelCorruptedException)
        {
            return null; // for example gone with its worker: only reading the value that contains it fails
        }
    }
}
