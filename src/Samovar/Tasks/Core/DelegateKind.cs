namespace Samovar.Tasks.Core;

/// <summary>Which of the four delegates a task was given, so that it is called without asking for its type.</summary>
internal enum DelegateKind : byte
{
    Synchronous,
    SynchronousWithToken,
    Asynchronous,
    AsynchronousWithToken,
}
