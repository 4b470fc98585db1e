using Samovar.Executors.Mapping;

namespace Samovar.Processes.Protocol;

/// <summary>The kind of a record between an executor and its worker; the tag of the record in the ring. The tags of the handshake are above, see
/// <see cref="Handshake"/>.</summary>
internal enum RecordTag : ushort
{
    /// <summary>To the worker, as the first record: <see cref="WorkerSetup"/>.</summary>
    Setup = 1,

    /// <summary>Both ways: definitions that later bodies need.</summary>
    Definitions = 2,

    /// <summary>To the worker: <see cref="TaskHeader"/>, the name, the trace, the cultures, the delegate.</summary>
    Task = 3,

    /// <summary>To the worker: <see cref="TicketRecord"/> of a task that must stop.</summary>
    Stop = 4,

    /// <summary>Both ways: <see cref="LiveHeader"/> and a message through the port of a live value.</summary>
    Live = 5,

    /// <summary>To the worker: exit when all records before this one are processed. No data follows.</summary>
    End = 6,

    /// <summary>To the executor: <see cref="ResultHeader"/> and the outcome of a task.</summary>
    Result = 7,

    /// <summary>To the executor: <see cref="TicketRecord"/> of a task that has started; sent for
    /// tasks with <see cref="TaskFlags.TellsStart"/>.</summary>
    Started = 8,

    /// <summary>To the executor: <see cref="ProgressHeader"/> and a message.</summary>
    Progress = 9,

    /// <summary>To the executor: <see cref="ResultHeader"/> of the initializer.</summary>
    Initialized = 10,

    /// <summary>To the executor: <see cref="ResultHeader"/> and the error of work that is not awaited.</summary>
    Detached = 11,

    /// <summary>Both ways: a task of Samovar's own that loads and compiles the code of a new worker, and its result. It has no slot.</summary>
    WarmUp = 12,

    /// <summary>To the executor: <see cref="TicketRecord"/> of a task whose body was read from a segment.</summary>
    BodyRead = 13,

    /// <summary>To the executor, before the result of a task: <see cref="TicketRecord"/> and the output of the task, as UTF-16.</summary>
    Output = 14,

    /// <summary>To the executor, before the result of a batch: <see cref="ResultHeader"/> and an <see cref="ItemBlock"/> with the results of its
    /// first items.</summary>
    Items = 15,

    /// <summary>To the worker: <see cref="WorkHeader"/> and the work that later tasks share.</summary>
    Work = 16,

    /// <summary>To the worker: <see cref="WorkHeader"/> of work that no task uses any more.</summary>
    Forget = 17,

    /// <summary>To the executor, after <see cref="End"/>: <see cref="ResultHeader"/> and what the exit hook returned.</summary>
    Exited = 18,

    /// <summary>To the worker: the number, as a long, of the task whose kept result is not needed any more.</summary>
    Drop = 19,
}
