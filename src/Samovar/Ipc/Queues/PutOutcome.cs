namespace Samovar.Ipc.Queues;

/// <summary>What became of an attempt to put.</summary>
internal enum PutOutcome
{
    Put,
    Full,
    Completed,
}
