namespace Samovar.Analyzers;

/// <summary>
/// The types whose values cannot be used in another process, each with the reason and the suggestion for the message.
/// </summary>
/// <remarks>An entry also applies to the types that derive from the type or implement it.</remarks>
internal static class NonTravellingTypes
{
    public static readonly NonTravellingType[] All =
    [
        .. Because(
            "it refers to an open file, pipe or connection of this process",
            "capture the path, the address or the bytes, and open it inside the task",
            "System.IO.Stream", "System.IO.StreamReader", "System.IO.StreamWriter", "System.IO.BinaryReader",
            "System.IO.BinaryWriter"),

        .. Because(
            "it holds a connection of this process",
            "capture the address and connect inside the task",
            "System.Net.Sockets.Socket", "System.Net.Sockets.TcpClient", "System.Net.Sockets.TcpListener",
            "System.Net.Sockets.UdpClient", "System.Net.WebSockets.WebSocket", "System.Net.HttpListener"),

        .. Because(
            "it holds the connections of this process",
            "create one inside the task, or keep one in a static field, which each worker initializes for itself",
            "System.Net.Http.HttpMessageInvoker", "System.Net.Http.HttpMessageHandler"),

        .. Because(
            "it belongs to a database connection of this process",
            "capture the connection string and open the connection inside the task",
            "System.Data.IDbConnection", "System.Data.IDbCommand", "System.Data.IDbTransaction", "System.Data.IDataReader",
            "System.Data.Common.DbDataSource", "Microsoft.EntityFrameworkCore.DbContext"),

        .. Because(
            "it maintains its rows for bindings and relations of this process",
            "capture the rows as arrays or records, or the text of WriteXml with XmlWriteMode.WriteSchema",
            "System.Data.DataSet", "System.Data.DataTable", "System.Data.DataView", "System.Data.DataRow", "System.Data.DataRowView"),

        .. Because(
            "it is a handle that only this process can use",
            "capture what the handle was opened from, and open it inside the task",
            "System.IntPtr", "System.UIntPtr", "System.Runtime.InteropServices.SafeHandle",
            "System.Runtime.InteropServices.CriticalHandle", "System.Runtime.InteropServices.GCHandle",
            "System.Diagnostics.Process", "System.IO.FileSystemWatcher"),

        .. Because(
            "it maps memory of this process",
            "use Samovar.Ipc.SharedMemory or SharedArray<T>, which arrive as the same memory",
            "System.IO.MemoryMappedFiles.MemoryMappedFile", "System.IO.UnmanagedMemoryAccessor"),

        .. Because(
            "it represents work that runs in this process",
            "await it first and capture its result",
            "System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask", "System.Threading.Tasks.ValueTask`1",
            "Samovar.Future", "Samovar.Future`1"),

        .. Because(
            "it completes a task of this process",
            "return the value from the task instead",
            "System.Threading.Tasks.TaskCompletionSource", "System.Threading.Tasks.TaskCompletionSource`1"),

        .. Because(
            "it works only in this process",
            "capture its Token, which stays connected",
            "System.Threading.CancellationTokenSource"),

        .. Because(
            "it belongs to a token of this process",
            "capture the token and register inside the task",
            "System.Threading.CancellationTokenRegistration"),

        .. Because(
            "it is bound to threads of this process",
            "create it inside the task",
            "System.Threading.Thread", "System.Threading.Timer", "System.Threading.PeriodicTimer", "System.Timers.Timer",
            "System.Threading.ThreadLocal`1", "System.Threading.AsyncLocal`1", "System.Threading.SynchronizationContext",
            "System.Threading.ExecutionContext", "System.Threading.Tasks.TaskScheduler"),

        .. Because(
            "it synchronizes threads of this process only",
            "use ProcessLock, ProcessSemaphore, ProcessEvent or ProcessBarrier of Samovar.Ipc",
            "System.Threading.WaitHandle", "System.Threading.Lock", "System.Threading.SemaphoreSlim",
            "System.Threading.ManualResetEventSlim", "System.Threading.CountdownEvent", "System.Threading.Barrier",
            "System.Threading.ReaderWriterLockSlim"),

        .. Because(
            "it resolves objects that live in this process",
            "capture the values that the task needs, or create the services inside the task",
            "System.IServiceProvider", "Microsoft.Extensions.DependencyInjection.IServiceScope",
            "Microsoft.Extensions.DependencyInjection.IServiceScopeFactory"),

        .. Because(
            "its workers belong to this process",
            "create one inside the task, or submit the inner work from here",
            "Samovar.Executor", "Samovar.ChildProcess", "Samovar.ChildProcess`1"),
    ];

    /// <summary>The entry for pointers, whose types have no metadata name.</summary>
    public static readonly NonTravellingType Pointer =
        new("", "it is an address in the memory of this process", "capture the values that it points to");

    private static NonTravellingType[] Because(string reason, string wayOut, params string[] metadataNames) =>
        Array.ConvertAll(metadataNames, name => new NonTravellingType(name, reason, wayOut));
}

/// <summary>One entry of <see cref="NonTravellingTypes"/>.</summary>
internal sealed class NonTravellingType(string metadataName, string reason, string wayOut)
{
    public string MetadataName { get; } = metadataName;

    /// <summary>The reason, which follows "cannot travel to another process: " in the message.</summary>
    public string Reason { get; } = reason;

    /// <summary>The suggestion: what to do instead, as an instruction.</summary>
    public string WayOut { get; } = wayOut;
}
