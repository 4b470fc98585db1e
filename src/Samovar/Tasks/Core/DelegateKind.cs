namespace Samovar.Tasks.Core;

/// <summary>The kind of delegate that a task was created with, so that it can be called without a type test.</summary>
internal enum DelegateKind : byte
{
    Synchronous,
    SynchronousWithToken,
    Asynchronous,
    AsynchronousWithToken,
}
