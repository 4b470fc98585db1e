namespace Samovar.Ipc.Queues;

/// <summary>What a process may do with one direction of a pipe. The numbers stand in shared memory.</summary>
internal enum PipeRole
{
    None = 0,
    Sender = 1,
    Receiver = 2,
}
