namespace Samovar.Ipc.Queues;

/// <summary>The role of a process in one direction of a pipe. The numbers are stored in shared memory.</summary>
internal enum PipeRole
{
    None = 0,
    Sender = 1,
    Receiver = 2,
}
