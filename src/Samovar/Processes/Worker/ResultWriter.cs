using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Samovar.Executors.Mapping;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Shared;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Worker;

/// <summary>Writes a worker's messages about tasks to its executor. Thread-safe.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ResultWriter
{
    private readonly WorkerMemory _memory = new();

    public ResultWriter(WorkerChannel channel)
    {
        Records = new RecordWriter(channel, new ShippingWriter());
        Batches = new BatchResultWriter(channel, Records, _memory);
    }

    /// <summary>Writes the records.</summary>
    public RecordWriter Records { get; }

    /// <summary>Writes the results of batches of items.</summary>
    public BatchResultWriter Batches { get; }

    /// <inheritdoc cref="WorkerMemory.Limit"/>
    public long MemoryLimit
    {
        set => _memory.Limit = value;
    }

    /// <summary>Called with every error of a task; null for none.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Writes a result, or an error if the result cannot be serialized.</summary>
    public void WriteResult<T>(in TaskHeader task, long took, T result)
    {
        if (result is ItemsDone done)
        {
            Batches.Write(task.Ticket, took, done);
            return;
        }

        var header = new ResultHeader { Slot = task.Slot, Generation = task.Generation, Elapsed = took };
        if ((task.Flags & TaskFlags.BringsResult) == TaskFlags.None)
        {
            header = _memory.Mark(header);
            Records.Write(RecordTag.Result, header, default, took);
            return;
        }

        var tag = (task.Flags & TaskFlags.IsWarmUp) == TaskFlags.None ? RecordTag.Result : RecordTag.WarmUp;

        try
        {
            WriteBody(tag, header, result);
        }
        catch (Exception error)
        {
            WriteError(task.Ticket, took, error); // only this task fails: its result is not sent
        }
    }

    public void WriteError(ItemTicket ticket, long took, Exception error)
    {
        Failed?.Invoke(error);
        WriteException(RecordTag.Result, ticket, took, error);
    }

    public void WriteInitialized(Exception? error)
    {
        if (error is null) Records.Write(RecordTag.Initialized, new ResultHeader(), default, RecordWriter.RingsAtOnce);
        else WriteException(RecordTag.Initialized, default, RecordWriter.RingsAtOnce, error);
    }

    /// <summary>Writes what the exit hook returned, or an error if that cannot be serialized.</summary>
    public void WriteExited(object? value, Exception? error)
    {
        if (error is null)
        {
            try
            {
                WriteBody(RecordTag.Exited, new ResultHeader { Elapsed = RecordWriter.RingsAtOnce }, value);
                return;
            }
            catch (Exception unshippable)
            {
                error = unshippable;
            }
        }

        WriteException(RecordTag.Exited, default, RecordWriter.RingsAtOnce, error);
    }

    public void WriteDetached(ItemTicket ticket, Exception error) => WriteException(RecordTag.Detached, ticket, RecordWriter.RingsAtOnce, error);

    public void WriteStarted(ItemTicket ticket) => WriteTicket(RecordTag.Started, ticket, default, RecordWriter.RingsAtOnce);

    public void WriteBodyRead(ItemTicket ticket) => WriteTicket(RecordTag.BodyRead, ticket, default, RecordWriter.RingsAtOnce);

    public void WriteOutput(ItemTicket ticket, string output) =>
        WriteTicket(RecordTag.Output, ticket, MemoryMarshal.AsBytes(output.AsSpan()), took: 0);

    public void WriteProgress(ItemTicket ticket, TaskProgress progress)
    {
        var header = new ProgressHeader(ticket.Generation, progress.Fraction ?? double.NaN, ticket.Slot, progress.Message is null ? 0 : 1);
        Records.Write(RecordTag.Progress, header, MemoryMarshal.AsBytes(progress.Message.AsSpan()), RecordWriter.RingsAtOnce);
    }

    /// <summary>Sends a message through a port.</summary>
    public void WriteLive(long port, object? message)
    {
        using var body = Records.Messages.Prepare(message);
        Records.WriteLive(new LiveHeader(port, body.DefinitionsNeeded), body);
    }

    private void WriteTicket(RecordTag tag, ItemTicket ticket, ReadOnlySpan<byte> rest, long took) =>
        Records.Write(tag, new TicketRecord(ticket.Generation, ticket.Slot, default), rest, took);

    private void WriteException(RecordTag tag, ItemTicket ticket, long took, Exception error)
    {
        var header = new ResultHeader { Slot = ticket.Slot, Generation = ticket.Generation, Elapsed = took, Flags = ResultFlags.IsError };
        try
        {
            WriteBody(tag, header, error);
        }
        catch (Exception unshippable)
        {
            WriteExceptionAsText(tag, header, error, unshippable);
        }
    }

    private void WriteExceptionAsText(RecordTag tag, in ResultHeader header, Exception error, Exception unshippable)
    {
        try
        {
            WriteBody<Exception>(tag, header, RemoteException.From(error, unshippable.Message));
        }
        catch (IOException shortage)
        {
            // There is no memory for the whole text; its beginning has room in the ring.
            WriteBody<Exception>(tag, header, RemoteException.Brief(error, shortage.Message));
        }
    }

    private void WriteBody<T>(RecordTag tag, in ResultHeader header, T value)
    {
        InFlightHandles? holder = RecordWriter.RentHolder();
        try
        {
            using var body = Records.Messages.PrepareContinued(value, holder, known: null);
            Records.WriteResult(
                tag, _memory.Mark(header), new MessageBody(body, RecordWriter.HandlesOf(holder)), body.DefinitionsNeeded, ref holder, header.Elapsed);
        }
        finally
        {
            RecordWriter.ReturnHolder(holder);
        }
    }
}
