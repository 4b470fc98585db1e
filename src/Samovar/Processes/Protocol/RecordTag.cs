using Samovar.Executors.Mapping;

namespace Samovar.Processes.Protocol;

/// <summary>What a record between an executor and its worker is; the tag of its ring record. Those of the start lie above, see
/// <see cref="Handshake"/>.</summary>
internal enum RecordTag : ushort
{
    /// <summary>To the worker, first of all: <see cref="WorkerSetup"/>.</summary>
    Setup = 1,

    /// <summary>Both ways: definitions that later bodies need.</summary>
    Definitions = 2,

    /// <summary>To the worker: <see cref="TaskHeader"/>, the name, the trace, the cultures, the delegate.</summary>
    Task = 3,

    /// <summary>To the worker: <see cref="TicketRecord"/> of a task that is to give up.</summary>
    Stop = 4,

    /// <summary>Both ways: <see cref="LiveHeader"/> and a message through the port of a live value.</summary>
    Live = 5,

    /// <summary>To the worker: end when all before this is done. Nothing follows.</summary>
    End = 6,

    /// <summary>To the executor: <see cref="ResultHeader"/> and what became of a task.</summary>
    Result = 7,

    /// <summary>To the executor: <see cref="TicketRecord"/> of a task that has begun; sent where its time counts.</summary>
    Started = 8,

    /// <summary>To the executor: <see cref="ProgressHeader"/> and a message.</summary>
    Progress = 9,

    /// <summary>To the executor: <see cref="ResultHeader"/> of the initializer.</summary>
    Initialized = 10,

    /// <summary>To the executor: <see cref="ResultHeader"/> and the error of work that nobody awaits.</summary>
    Detached = 11,

    /// <summary>Both ways: a task of Samovar's own that brings a fresh worker's code to life, and its result. It has no slot.</summary>
    WarmUp = 12,

    /// <summary>To the executor: <see cref="TicketRecord"/> of a task whose body in a segment has been read.</summary>
    BodyRead = 13,

    /// <summary>To the executor, before the result of a task: <see cref="TicketRecord"/> and what it wrote, as UTF-16.</summary>
    Output = 14,

    /// <summary>To the executor, before the result of a batch: <see cref="ResultHeader"/> and an <see cref="ItemBlock"/>, what its first items
    /// have brought.</summary>
    Items = 15,

    /// <summary>To the worker: <see cref="WorkHeader"/> and the work that tasks after this share.</summary>
    Work = 16,

    /// <summary>To the worker: <see cref="WorkHeader"/> of work that no task uses any more.</summary>
    Forget = 17,
}
