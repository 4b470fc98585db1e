using System.Runtime.InteropServices;
using Samovar.Executors.Mapping;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Shared;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>What a worker tells its executor about tasks. Safe for any thread.</summary>
internal sealed class WorkerAnswers
{
    private readonly WorkerMemory _memory = new();

    public WorkerAnswers(WorkerChannel channel)
    {
        Records = new RecordWriter(channel);
        Batches = new BatchResultWriter(channel, Records, _memory);
    }

    /// <summary>Where everything is written.</summary>
    public RecordWriter Records { get; }

    /// <summary>The results of batches of items.</summary>
    public BatchResultWriter Batches { get; }

    /// <inheritdoc cref="WorkerMemory.Limit"/>
    public long MemoryLimit
    {
        set => _memory.Limit = value;
    }

    /// <summary>Gets every error that a task is answered with. None unless told.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Answers with a result; with an error where the result cannot travel.</summary>
    public void WriteResult<T>(in TaskHeader task, long took, T result)
    {
        if (result is ItemsDone done)
        {
            Batches.Write(task.Ticket, took, done);
            return;
        }

        var answer = new AnswerHeader { Slot = task.Slot, Generation = task.Generation, Took = took };
        if ((task.Traits & TaskTraits.BringsResult) == TaskTraits.None)
        {
            answer = _memory.Mark(answer);
            Records.Write(RecordTag.Answer, answer, default, took);
            return;
        }

        var tag = (task.Traits & TaskTraits.IsWarmUp) == TaskTraits.None ? RecordTag.Answer : RecordTag.WarmUp;

        try
        {
            WriteBody(tag, answer, result);
        }
        catch (Exception error)
        {
            WriteError(task.Ticket, took, error); // the task's own failure: its result stays here
        }
    }

    public void WriteError(ItemTicket ticket, long took, Exception error)
    {
        Failed?.Invoke(error);
        WriteException(RecordTag.Answer, ticket, took, error);
    }

    public void WriteInitialized(Exception? error)
    {
        if (error is null) Records.Write(RecordTag.Initialized, new AnswerHeader(), default, RecordWriter.RingsAtOnce);
        else WriteException(RecordTag.Initialized, default, RecordWriter.RingsAtOnce, error);
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
        var answer = new AnswerHeader { Slot = ticket.Slot, Generation = ticket.Generation, Took = took, Traits = AnswerTraits.IsError };
        try
        {
            WriteBody(tag, answer, error);
        }
        catch (Exception unshippable)
        {
            WriteExceptionAsText(tag, answer, error, unshippable);
        }
    }

    private void WriteExceptionAsText(RecordTag tag, in AnswerHeader answer, Exception error, Exception unshippable)
    {
        try
        {
            WriteBody<Exception>(tag, answer, RemoteException.From(error, unshippable.Message));
        }
        catch (IOException shortage)
        {
            // The whole text needs memory that there is none of; its beginning has room in the ring.
            WriteBody<Exception>(tag, answer, RemoteException.Brief(error, shortage.Message));
        }
    }

    private void WriteBody<T>(RecordTag tag, in AnswerHeader answer, T value)
    {
        KeptInTransit? holder = RecordWriter.RentHolder();
        try
        {
            using var body = Records.Messages.PrepareContinued(value, holder, known: null);
            Records.WriteResult(
                tag, _memory.Mark(answer), new MessageBody(body, RecordWriter.HandlesOf(holder)), body.DefinitionsNeeded, ref holder, answer.Took);
        }
        finally
        {
            RecordWriter.ReturnHolder(holder);
        }
    }
}
