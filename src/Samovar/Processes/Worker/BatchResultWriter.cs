using Samovar.Executors.Mapping;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Shared;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>Writes the results of the items of a batch: they are kept in the journal while the batch runs, written into the ring if the journal has
/// no room, and the rest is sent with the result of the batch.</summary>
/// <remarks>Used only on the worker's main thread, which owns the journal. Data is published before the journal counts it.</remarks>
internal sealed class BatchResultWriter(WorkerChannel channel, RecordWriter records, WorkerMemory memory)
{
    private readonly ItemJournal _journal = channel.Journal;

    /// <summary>Keeps the result of the item that has started, or an error if the result cannot be serialized.</summary>
    public void Keep<T>(ItemTicket ticket, T value)
    {
        try
        {
            if (ItemForm<T>.IsBytes || ItemForm<T>.IsText) KeepBytes(ticket, value);
            else KeepMessage(ticket, value, isError: false);
        }
        catch (Exception error)
        {
            KeepError(ticket, error); // only this item fails: its result is not sent
        }
    }

    /// <summary>Keeps the error of the item that has started.</summary>
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

    /// <summary>Writes the result of a batch.</summary>
    public void Write(ItemTicket ticket, long took, ItemsDone done)
    {
        var header = HeaderOf(ticket) with { Elapsed = took };
        if (done.HasLast(_journal))
        {
            try
            {
                if (done.IsBytes) WriteWithLastBytes(ticket, header, done);
                else WriteWithLastMessage(header, done);
                return;
            }
            catch (Exception error)
            {
                KeepError(ticket, error); // only this item fails: its result is not sent
            }
        }

        WriteEntries(RecordTag.Result, memory.Mark(header), default, done.Slowest);
    }

    private static ResultHeader HeaderOf(ItemTicket ticket) => new() { Slot = ticket.Slot, Generation = ticket.Generation };

    private void WriteWithLastBytes(ItemTicket ticket, in ResultHeader header, ItemsDone done)
    {
        SendKept(ticket); // then the last entry has room in the journal, or gets a record of its own
        bool hasLast = done.HasLast(_journal);
        WriteEntries(RecordTag.Result, memory.Mark(header), hasLast ? new LastEntry(done.Bytes) : default, done.Slowest);
    }

    private void WriteWithLastMessage(in ResultHeader header, ItemsDone done)
    {
        InFlightHandles? holder = RecordWriter.RentHolder();
        try
        {
            using var body = done.Prepare(records.Messages, holder);
            var entries = new ItemBlockBody(_journal, new LastEntry(body, isError: false), done.Slowest, RecordWriter.HandlesOf(holder));
            records.WriteResult(RecordTag.Result, memory.Mark(header), entries, body.DefinitionsNeeded, ref holder, header.Elapsed);
        }
        finally
        {
            RecordWriter.ReturnHolder(holder);
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
            // There is no memory for the whole text; its beginning has room in the journal.
            KeepMessage<Exception>(ticket, RemoteException.Brief(error, shortage.Message), isError: true);
        }
    }

    private void KeepBytes<T>(ItemTicket ticket, T value)
    {
        SendKept(ticket);
        if (_journal.TryKeep(value)) return;
        WriteEntries(RecordTag.Items, HeaderOf(ticket), new LastEntry(ItemForm<T>.BytesOf(ref value)), default);
        records.AwaitOpened();
        _journal.EndedInRing();
    }

    private void KeepMessage<T>(ItemTicket ticket, T value, bool isError)
    {
        InFlightHandles? holder = RecordWriter.RentHolder();
        try
        {
            using var body = records.Messages.PrepareContinued(value, holder, known: null);
            if (holder.Count == 0 && body.Length <= _journal.Capacity - ItemEntry.HeadSize)
            {
                if (!_journal.TryReserve(body.Length, out var place))
                {
                    SendKept(ticket);
                    _journal.TryReserve(body.Length, out place);
                }

                if (records.Define(body.DefinitionsNeeded)) records.AwaitOpened(); // published before the entry is counted; the definitions may be a large message
                body.CopyTo(place);
                _journal.Commit(body.Length, isError);
                return;
            }

            var entries = new ItemBlockBody(_journal, new LastEntry(body, isError), default, RecordWriter.HandlesOf(holder));
            records.WriteResult(RecordTag.Items, HeaderOf(ticket), entries, body.DefinitionsNeeded, ref holder, took: 0);
            records.AwaitOpened();
            _journal.EndedInRing();
        }
        finally
        {
            RecordWriter.ReturnHolder(holder);
        }
    }

    /// <summary>Sends the kept entries, so that the journal is empty.</summary>
    private void SendKept(ItemTicket ticket)
    {
        if (_journal.Entries.IsEmpty) return;
        WriteEntries(RecordTag.Items, HeaderOf(ticket), default, default);
        _journal.WasSent();
    }

    /// <summary>Writes a record of the kept entries, and of a further entry if there is one, without definitions and shared objects.</summary>
    private void WriteEntries(RecordTag tag, in ResultHeader header, LastEntry last, SlowestOfChunk slowest)
    {
        InFlightHandles? none = null;
        records.WriteResult(tag, in header, new ItemBlockBody(_journal, last, slowest, []), definitions: 0, ref none, header.Elapsed);
    }
}
