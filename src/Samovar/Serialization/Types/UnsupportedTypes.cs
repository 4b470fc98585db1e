using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;

namespace Samovar.Serialization.Types;

/// <summary>Determines which types cannot leave a process, why, and what to do instead.</summary>
/// <remarks>Types are recognized by name, so that the check loads none of their assemblies.</remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class UnsupportedTypes
{
    private const string Handle = "holds an operating-system handle; open it inside the task";
    private const string Connection = "is a live connection of this process; open it inside the task";
    private const string Running = "represents work that runs in this process; await it first and pass its result";

    private const string Table = "maintains its rows for bindings and relations of this process; pass the rows as arrays or records, or the text of "
        + "WriteXml with XmlWriteMode.WriteSchema";

    private const string Listened = "is known only to listeners of this process; keep it in a static field, so that each process has its own";

    private static readonly ConcurrentDictionary<Type, string?> known = new();

    private static readonly Dictionary<string, string> byName = new(StringComparer.Ordinal)
    {
        ["System.IO.MemoryStream"] = "is a stream; pass its bytes (ToArray) instead",
        ["System.IO.UnmanagedMemoryStream"] = "points into memory of this process; pass its bytes instead",
        ["System.IO.Stream"] = Handle,
        ["System.Runtime.InteropServices.SafeHandle"] = Handle,
        ["System.Runtime.InteropServices.CriticalHandle"] = Handle,
        ["System.Runtime.InteropServices.GCHandle"] = "pins an object of this process; pass the object",
        ["System.Net.Sockets.Socket"] = Handle,
        ["System.Net.Sockets.TcpClient"] = Handle,
        ["System.Net.Sockets.UdpClient"] = Handle,
        ["System.Net.Sockets.TcpListener"] = Handle,
        ["System.Net.Http.HttpMessageInvoker"] = "owns connections of this process; create it inside the task, or in the executor's initializer",
        ["System.Net.Http.HttpMessageHandler"] = "owns connections of this process; create it inside the task, or in the executor's initializer",
        ["System.Net.Http.Headers.HttpHeaders"] = "identifies headers by objects of this process; pass names and values",
        ["System.Data.DataSet"] = Table,
        ["System.Data.DataTable"] = Table,
        ["System.Data.DataView"] = Table,
        ["System.Data.DataRow"] = Table,
        ["System.Data.DataRowView"] = Table,
        ["System.Xml.XmlNode"] = "looks names up by hash codes of this process; pass its OuterXml, or an XElement",
        ["System.Xml.XmlNameTable"] = "looks names up by hash codes of this process; create it inside the task",
        ["System.Diagnostics.Activity"] = Listened,
        ["System.Diagnostics.ActivitySource"] = Listened,
        ["System.Diagnostics.DiagnosticSource"] = Listened,
        ["System.Diagnostics.Metrics.Meter"] = Listened,
        ["System.Diagnostics.Metrics.Instrument"] = Listened,
        ["System.Net.WebSockets.WebSocket"] = Connection,
        ["System.Data.Common.DbConnection"] = Connection,
        ["System.Data.Common.DbCommand"] = Connection,
        ["System.Data.Common.DbDataReader"] = Connection,
        ["System.Data.Common.DbTransaction"] = Connection,
        ["System.Threading.Tasks.Task"] = Running,
        ["System.Threading.Tasks.ValueTask"] = Running,
        ["System.Threading.Tasks.ValueTask`1"] = Running,
        ["System.Threading.Tasks.TaskCompletionSource"] = Running,
        ["System.Threading.Tasks.TaskCompletionSource`1"] = Running,
        ["System.Threading.Tasks.TaskScheduler"] = "schedules work of this process; use the scheduler of the task",
        ["Samovar.Future"] = Running,
        ["Samovar.Future`1"] = Running,
        ["Samovar.Kept`1"] = "is a handle of a result on one worker; run the work with it (kept.Then), or fetch the result and pass that",
        ["Samovar.Executor"] = "runs work of this process; create one inside the task",
        ["System.Threading.Thread"] = "runs in this process; start one inside the task",
        ["System.Threading.Timer"] = "fires in this process; create it inside the task",
        ["System.Timers.Timer"] = "fires in this process; create it inside the task",
        ["System.Threading.PeriodicTimer"] = "fires in this process; create it inside the task",
        ["System.Threading.WaitHandle"] = "belongs to this process; use a ProcessEvent, ProcessLock or ProcessSemaphore",
        ["System.Threading.SemaphoreSlim"] = "works only within this process; use a ProcessSemaphore",
        ["System.Threading.ManualResetEventSlim"] = "works only within this process; use a ProcessEvent",
        ["System.Threading.CountdownEvent"] = "works only within this process; use a ProcessBarrier",
        ["System.Threading.Barrier"] = "works only within this process; use a ProcessBarrier",
        ["System.Threading.ReaderWriterLockSlim"] = "works only within this process; use a ProcessLock",
        ["System.Threading.ReaderWriterLock"] = "works only within this process; use a ProcessLock",
        ["System.Threading.CancellationTokenSource"] = "cancels in this process; pass its Token, which stays connected",
        ["System.Threading.CancellationTokenRegistration"] = "is a registration in this process; pass the token",
        ["System.Threading.SynchronizationContext"] = "belongs to threads of this process",
        ["System.Threading.ExecutionContext"] = "belongs to threads of this process",
        ["System.Threading.ThreadLocal`1"] = "has a value for each thread of this process; pass the value",
        ["System.Threading.AsyncLocal`1"] = "has a value for each asynchronous flow of this process; pass the value",
        ["System.Threading.Channels.Channel`1"] = "connects code within one process; use a ProcessQueue",
        ["System.Threading.Channels.Channel`2"] = "connects code within one process; use a ProcessQueue",
        ["System.Threading.Channels.ChannelReader`1"] = "connects code within one process; use a ProcessQueue",
        ["System.Threading.Channels.ChannelWriter`1"] = "connects code within one process; use a ProcessQueue",
        ["System.Collections.Concurrent.BlockingCollection`1"] = "blocks threads of this process; use a ProcessQueue",
        ["System.IO.Pipelines.PipeReader"] = "connects code within one process; use a ProcessPipe",
        ["System.IO.Pipelines.PipeWriter"] = "connects code within one process; use a ProcessPipe",
        ["System.Diagnostics.Process"] = "holds an operating-system handle; pass its Id and open it inside the task",
        ["System.WeakReference"] = "does not keep its target alive, so nothing would keep a copied target alive; pass the target",
        ["System.WeakReference`1"] = "does not keep its target alive, so nothing would keep a copied target alive; pass the target",
        ["System.Runtime.CompilerServices.ConditionalWeakTable`2"] = "is bound to the lifetime of objects of this process; use a Dictionary",
        ["System.Runtime.DependentHandle"] = "is bound to the lifetime of objects of this process",
        ["System.Runtime.Loader.AssemblyLoadContext"] = "belongs to this process",
        ["System.AppDomain"] = "belongs to this process",
        ["System.IServiceProvider"] = "is a container of this process; resolve the needed services before submitting, or build a container inside the task",
        ["Microsoft.Extensions.DependencyInjection.IServiceScope"] = "is a scope of this process's container; open one inside the task",
        ["Microsoft.Extensions.DependencyInjection.IServiceScopeFactory"] = "belongs to this process's container; open a scope inside the task",
        ["System.Runtime.CompilerServices.IAsyncStateMachine"] = "is an async method that has not completed; await it first and pass its result",
        ["System.Linq.Expressions.Interpreter.LightLambda"] = "was created at run time and exists only in this process; pass a lambda or a method of a compiled assembly",
        ["System.Reflection.Pointer"] = "is an address in this process; copy what it points to",
        ["System.IntPtr"] = "is an address or handle of this process; pass a long if it is a number",
        ["System.UIntPtr"] = "is an address or handle of this process; pass a ulong if it is a number",
        ["System.RuntimeTypeHandle"] = "is an address in this process; pass the Type",
        ["System.RuntimeMethodHandle"] = "is an address in this process; pass the MethodInfo",
        ["System.RuntimeFieldHandle"] = "is an address in this process; pass the FieldInfo",
        ["System.RuntimeArgumentHandle"] = "is an address in this process",
    };

    /// <summary>Returns the reason why objects or values of a type cannot travel; null if they can.</summary>
    public static string? OfType(Type type) => known.GetOrAdd(type, static t => Decide(t));

    private static string? Decide(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            if (byName.TryGetValue(NameOf(t), out string? reason)) return reason;
        }

        foreach (var contract in type.GetInterfaces())
        {
            if (byName.TryGetValue(NameOf(contract), out string? reason)) return reason;
        }

        if (type.IsByRefLike || type.IsPointer || type.IsByRef || type.IsFunctionPointer)
            return "lives on the stack or is an address; copy what it refers to";
        if (type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && type.GetField("<>1__state", TravellingFields.Every) is not null)
            return "is an iterator that runs in this process; pass its items (ToArray, ToList)";
        if (type.IsCOMObject) return "is a COM object of this process";
        if (!type.IsArray && type.IsDefined(typeof(InlineArrayAttribute), inherit: false) && !Blittable.Is(type))
            return "is an inline array of references; use an array";
        if (!type.IsValueType && type.Assembly.IsDynamic)
            return "has a type that was created at run time and exists only in this process";
        return type.IsValueType || type.IsArray ? PointerField(type) : Finalizer(type) ?? PointerField(type);
    }

    private static string? Finalizer(Type type)
    {
        var finalizer = type.GetMethod("Finalize", BindingFlags.Instance | BindingFlags.NonPublic, Type.EmptyTypes);
        return finalizer is not null && finalizer.DeclaringType != typeof(object) && !type.IsSubclassOf(typeof(Delegate))
            ? "has a finalizer, so it owns something outside the memory of this process; create it inside the task, or give it a PayloadCodec"
            : null;
    }

    private static string? PointerField(Type type) =>
        type.IsArray || type.IsPrimitive || type.IsEnum ? null : PointerField(TravellingFields.Of(type));

    /// <summary>Returns the reason why an object with these fields cannot travel if one of them is a pointer; otherwise null.</summary>
    public static string? PointerField(List<FieldInfo> fields)
    {
        var field = fields.Find(f => f.FieldType.IsPointer || f.FieldType.IsFunctionPointer || f.FieldType.IsByRef);
        return field is null ? null : $"has a pointer in its field '{field.Name}', an address in this process; copy what it points to";
    }

    private static string NameOf(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition().FullName ?? "" : type.FullName ?? "";
}
