using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <content>What the items of a batch bring: kept in the journal while the batch runs, in the ring where that has no room, and answered
/// with the batch.</content>
internal sealed partial class WorkerAnswers
{
    /// <summary>Keeps the result of the item that has begun; an error in its place where it cannot travel.</summary>
    public void Keep<T>(ItemTicket ticket, T value)
    {
        try
        {
            if (ItemForm<T>.IsBytes || ItemForm<T>.IsText) KeepBytes(ticket, value);
            else KeepMessage(ticket, value, isError: false);
        }
        catch (Exception error)
        {
            KeepError(ticket, error); // the item's own failure: its result stays here
        }
    }

    /// <summary>Keeps the error of the item that has begun.</summary>
    public void KeepError(ItemTicket ticket, Exception error)
    {
        try
        {
            KeepMessage(ticket, error, isError: true);
        }
        catch (Exception unshippable)
        {
            KeepErrorAsText(ticket, error, unshippable);
        }
    }

    /// <summary>Answers a batch.</summary>
    private void WriteItems(in TaskHeader task, long took, ItemsDone done)
    {
        var answer = new AnswerHeader { Slot = task.Slot, Generation = task.Generation, Took = took };
        if (done.HasLast(channel.Journal))
        {
            try
            {
                if (done.IsBytes) WriteWithLastBytes(task.Ticket, answer, took, done);
                else WriteWithLastMessage(answer, took, done);
                return;
            }
            catch (Exception error)
            {
                KeepError(task.Ticket, error); // the item's own failure: its result stays here
            }
        }

        lock (_gate)
        {
            WriteEntries(RecordTag.Answer, Judged(answer), default, []);
            Rung(took);
        }
    }

    private void WriteWithLastBytes(ItemTicket ticket, in AnswerHeader answer, long took, ItemsDone done)
    {
        SendKept(ticket); // then the last has room in the journal, or needs no larger record than its own
        bool hasLast = done.HasLast(channel.Journal);
        lock (_gate)
        {
            WriteEntries(RecordTag.Answer, Judged(answer), hasLast ? new LastEntry(done.Bytes) : default, []);
            Rung(took);
        }
    }

    private void WriteWithLastMessage(in AnswerHeader answer, long took, ItemsDone done)
    {
        var kept = t_unused ?? new KeptInTransit();
        t_unused = null;
        try
        {
            using var body = done.Prepare(_writer, kept);
            SendEntries(RecordTag.Answer, answer, body, ref kept, isError: false, took);
        }
        finally
        {
            kept?.Dispose();
            t_unused = kept;
        }
    }

    private void KeepErrorAsText(ItemTicket ticket, Exception error, Exception unshippable)
    {
        try
        {
            KeepMessage<Exception>(ticket, RemoteException.From(error, unshippable.Message), isError: true);
        }
        catch (IOException shortage)
        {
            // The whole text needs memory that there is none of; its beginning has room in the journal.
            KeepMessage<Exception>(ticket, RemoteException.Brief(error, shortage.Message), isError: true);
        }
    }

    private void KeepBytes<T>(ItemTicket ticket, T value)
    {
        SendKept(ticket);
        if (channel.Journal.TryKeep(value)) return;
        lock (_gate)
        {
            WriteEntries(
                RecordTag.Items, new AnswerHeader { Slot = ticket.Slot, Generation = ticket.Generation }, new LastEntry(ItemForm<T>.BytesOf(ref value)), []);
        }

        AwaitOpened();
        channel.Journal.EndedInRing();
    }

    private void KeepMessage<T>(ItemTicket ticket, T value, bool isError)
    {
        var journal = channel.Journal;
        var kept = t_unused ?? new KeptInTransit();
        t_unused = null;
        try
        {
            using var body = _writer.PrepareContinued(value, kept, known: null);
            if (kept.Count == 0 && body.Length <= journal.Capacity - ItemEntry.HeadSize)
            {
                if (!journal.TryReserve(body.Length, out var place))
                {
                    SendKept(ticket);
                    journal.TryReserve(body.Length, out place);
                }

                if (body.DefinitionsNeeded > Volatile.Read(ref _definitionsSent))
                {
                    lock (_gate) SendDefinitions(body.DefinitionsNeeded); // published before the entry counts
                    AwaitOpened(); // where they are a large message
                }

                body.CopyTo(place);
                journal.Commit(body.Length, isError);
                return;
            }

            SendEntries(RecordTag.Items, new AnswerHeader { Slot = ticket.Slot, Generation = ticket.Generation }, body, ref kept, isError, took: 0);
            AwaitOpened();
            journal.EndedInRing();
        }
        finally
        {
            kept?.Dispose();
            t_unused = kept;
        }
    }

    /// <summary>Sends what is kept, so that the journal is empty.</summary>
    private void SendKept(ItemTicket ticket)
    {
        if (channel.Journal.Entries.IsEmpty) return;
        lock (_gate)
        {
            WriteEntries(RecordTag.Items, new AnswerHeader { Slot = ticket.Slot, Generation = ticket.Generation }, default, []);
            Rung(took: 0);
        }

        channel.Journal.WasSent();
    }

    private void SendEntries(RecordTag tag, AnswerHeader header, ShippedBody body, ref KeptInTransit? kept, bool isError, long took)
    {
        lock (_gate)
        {
            SendDefinitions(body.DefinitionsNeeded);
            var whole = (tag == RecordTag.Answer ? Judged(header) : header) with { DefinitionsNeeded = body.DefinitionsNeeded, SharedObjects = kept!.Count };
            WriteEntries(tag, whole, new LastEntry(body, isError), kept.Count == 0 ? [] : MemoryMarshal.AsBytes<SharedHandle>(kept.Handles.ToArray()));
            if (kept.Count > 0)
            {
                HoldUntilRead(kept);
                kept = null;
            }

            Rung(took);
        }
    }

    /// <summary>Writes a record of what is kept, one entry more where there is one, and the handles of its shared objects.</summary>
    private unsafe void WriteEntries(RecordTag tag, in AnswerHeader header, LastEntry last, ReadOnlySpan<byte> handles)
    {
        int length = checked(AnswerHeader.Size + ItemBlock.HeaderSize + channel.Journal.Entries.Length + last.Length + handles.Length);
        if (length <= channel.Results.LargestPayload)
        {
            Fill(AwaitRoom(length), header, last, handles);
            channel.Results.Commit(length, (ushort)tag);
            return;
        }

        var segment = channel.LargeResults.CreateSegment(length);
        try
        {
            Fill(new Span<byte>(segment.Start, length), header, last, handles);
            SendLarge(ref segment, tag);
        }
        finally
        {
            segment?.Dispose();
        }
    }

    private void Fill(Span<byte> place, in AnswerHeader header, LastEntry last, ReadOnlySpan<byte> handles)
    {
        var journal = channel.Journal;
        MemoryMarshal.Write(place, header);
        place = place[AnswerHeader.Size..];
        MemoryMarshal.Write(place, journal.Sent);
        MemoryMarshal.Write(place[sizeof(int)..], journal.Ended - journal.Sent + (last.Length > 0 ? 1 : 0));
        place = place[ItemBlock.HeaderSize..];
        journal.Entries.CopyTo(place);
        place = place[journal.Entries.Length..];
        last.CopyTo(place);
        handles.CopyTo(place[last.Length..]);
    }

    /// <summary>An entry that goes straight into a record; the default is none.</summary>
    private readonly ref struct LastEntry
    {
        private readonly ReadOnlySpan<byte> _bytes;
        private readonly ShippedBody _body;
        private readonly int _head;
        private readonly bool _isMessage;

        public LastEntry(ReadOnlySpan<byte> bytes)
        {
            _bytes = bytes;
            _head = bytes.Length;
            Length = ItemEntry.HeadSize + bytes.Length;
        }

        public LastEntry(ShippedBody body, bool isError)
        {
            _body = body;
            _isMessage = true;
            _head = isError ? ItemEntry.ErrorHead(body.Length) : body.Length;
            Length = ItemEntry.HeadSize + body.Length;
        }

        /// <summary>Bytes, the head included; 0 for none.</summary>
        public int Length { get; }

        public void CopyTo(Span<byte> place)
        {
            if (Length == 0) return;
            MemoryMarshal.Write(place, _head);
            var payload = place.Slice(ItemEntry.HeadSize, Length - ItemEntry.HeadSize);
            if (_isMessage) _body.CopyTo(payload);
            else _bytes.CopyTo(payload);
        }
    }
}
