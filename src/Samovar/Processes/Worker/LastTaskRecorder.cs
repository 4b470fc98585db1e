using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Unicode;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Processes.Recorder;

namespace Samovar.Processes.Worker;

/// <summary>Records in a file what the worker is doing and did last, so that it outlives the worker and the program. <see cref="RecordingEntry"/> has
/// the order of the stores.</summary>
/// <remarks>Used by the worker's main thread alone. A task costs some nanoseconds: nothing but stores into mapped memory, in one cache line if neither
/// the function nor the name has changed.</remarks>
internal sealed unsafe class LastTaskRecorder : IDisposable
{
    private const int MostFunctions = 1024;

    private readonly SharedSegment _memory;
    private readonly byte* _entries;
    private readonly Function?[] _written = new Function?[RecordingHeader.EntryCount]; // whose name the entry holds
    private readonly Dictionary<MethodInfo, Function> _functions = [];
    private Dictionary<string, Function>? _named; // by name; null until a target names its work
    private Function _last = Function.None;
    private WeakReference<Delegate>? _lastItemWork; // the user's delegate of the last batch, which all batches of a map share
    private Function _lastItemFunction = Function.None;
    private RecordingEntry* _open;
    private long _count;
    private int _slot;

    private LastTaskRecorder(SharedSegment memory)
    {
        _memory = memory;
        _entries = memory.At(RecordingHeader.HeaderSize, RecordingHeader.EntryCount * RecordingEntry.Size);
    }

    /// <summary>Begins the recording of this worker; returns null if its file does not exist any more, or cannot be opened.</summary>
    /// <param name="invitation">What the executor has sent.</param>
    /// <param name="executor">The name of the executor.</param>
    /// <param name="number">The number of the worker.</param>
    public static LastTaskRecorder? TryOpen(RecordingInvitation invitation, string executor, int number)
    {
        try
        {
            var memory = RecordingFile.Open(invitation.Path, invitation.IsPortable);
            WriteHeader((RecordingHeader*)memory.Start, invitation, executor, number);
            return new LastTaskRecorder(memory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the program exits, or no descriptor is left: tasks run without it
        }
    }

    /// <summary>Records that a task has started.</summary>
    /// <param name="task">The task.</param>
    /// <param name="name">The task's name; empty for none.</param>
    /// <param name="started">When it started, as a Stopwatch timestamp.</param>
    public void Begin(in TaskHeader task, ReadOnlySpan<char> name, long started)
    {
        _slot = (int)_count & (RecordingHeader.EntryCount - 1);
        var entry = (RecordingEntry*)(_entries + (_slot * RecordingEntry.Size));
        Volatile.Write(ref entry->Sequence, 0);
        Volatile.WriteBarrier();
        entry->Id = task.Id;
        entry->Started = started;
        entry->Elapsed = RecordingEntry.NotEnded;
        entry->Attempt = task.Attempt;
        entry->State = (int)FutureState.Running;
        entry->Items = 0;
        entry->FunctionLength = 0;
        entry->NameLength = name.IsEmpty ? (ushort)0 : Write(name, entry->Name);
        Volatile.Write(ref entry->Sequence, ++_count); // SYNC: task recorded
        _open = entry;
    }

    /// <summary>Records which function the task runs.</summary>
    /// <param name="work">The deserialized work.</param>
    /// <param name="method">Its method, if that is known already.</param>
    public void Describe(Delegate work, MethodInfo? method)
    {
        if (_open is null) return;
        method ??= work.Method;
        var function = ReferenceEquals(method, _last.Method) ? _last : _last = FunctionOf(method);
        if (function.RunsItems && work.Target is IItemWork items)
        {
            _open->Items = items.Count;
            function = OfItems(items.Work);
        }
        else if (function.IsNamed)
        {
            function = OfNamed(work, function);
        }

        if (!ReferenceEquals(_written[_slot], function))
        {
            _written[_slot] = function;
            new ReadOnlySpan<byte>(function.Name).CopyTo(_open->Function);
        }

        Volatile.Write(ref _open->FunctionLength, (ushort)function.Name.Length);
    }

    /// <summary>Records that the task has completed. Does nothing if none has begun.</summary>
    public void End(FutureState state, long elapsed)
    {
        if (_open is null) return;
        _open->State = (int)state;
        Volatile.Write(ref _open->Elapsed, Math.Max(elapsed, 0));
        _open = null;
    }

    public void Dispose() => _memory.Dispose();

    private static void WriteHeader(RecordingHeader* header, RecordingInvitation invitation, string executor, int number)
    {
        header->Version = RecordingHeader.VersionValue;
        header->Entries = RecordingHeader.EntryCount;
        header->Length = RecordingHeader.FileLength;
        header->ParentId = invitation.Parent.Id;
        header->ParentStart = invitation.Parent.Start;
        header->WorkerId = Environment.ProcessId;
        header->WorkerNumber = number;
        header->Frequency = Stopwatch.Frequency;
        header->Timestamp = Stopwatch.GetTimestamp();
        header->UtcTicks = TimeProvider.System.GetUtcNow().UtcTicks;
        header->ExecutorLength = Write(executor, header->Executor);
        header->ProgramLength = Write(invitation.Program, header->Program);
        Volatile.Write(ref header->Magic, RecordingHeader.MagicValue);
    }

    /// <summary>Writes as many whole characters as fit, and returns the number of bytes.</summary>
    private static ushort Write(ReadOnlySpan<char> text, Span<byte> place)
    {
        _ = Utf8.FromUtf16(text, place, out _, out int written);
        return (ushort)written;
    }

    private Function OfItems(Delegate work)
    {
        // Weak: a map that is over must not keep alive what its delegate captured.
        if (_lastItemWork is { } last && last.TryGetTarget(out var known) && ReferenceEquals(work, known)) return _lastItemFunction;
        if (_lastItemWork is null) _lastItemWork = new WeakReference<Delegate>(work);
        else _lastItemWork.SetTarget(work);
        var function = FunctionOf(work.Method);
        return _lastItemFunction = function.IsNamed ? OfNamed(work, function) : function;
    }

    private Function OfNamed(Delegate work, Function otherwise)
    {
        if (work.Target is not INamedWork named) return otherwise;
        _named ??= new Dictionary<string, Function>(StringComparer.Ordinal);
        if (_named.TryGetValue(named.WorkName, out var known)) return known;
        if (_named.Count >= MostFunctions) _named.Clear();
        var made = Function.Of(named.WorkName);
        _named.Add(named.WorkName, made);
        return made;
    }

    private Function FunctionOf(MethodInfo method)
    {
        if (_functions.TryGetValue(method, out var known)) return known;
        if (_functions.Count >= MostFunctions) _functions.Clear();
        var made = Function.Of(method);
        _functions.Add(method, made);
        return made;
    }

    /// <summary>A method, with its name as recordings have it.</summary>
    private sealed class Function(MethodInfo? method, byte[] name, bool runsItems, bool isNamed)
    {
        public static readonly Function None = new(null, [], runsItems: false, isNamed: false);

        public MethodInfo? Method => method;

        public byte[] Name => name;

        /// <summary>Whether the method is that of a batch of items, which calls the user's.</summary>
        public bool RunsItems => runsItems;

        /// <summary>Whether the target of the method names the work.</summary>
        public bool IsNamed => isNamed;

        [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = CodeRequirements.KeptWhole)]
        public static Function Of(MethodInfo method) => new(
            method, Utf8(MethodNames.Of(method)), typeof(IItemWork).IsAssignableFrom(method.DeclaringType), typeof(INamedWork).IsAssignableFrom(method.DeclaringType));

        public static Function Of(string name) => new(null, Utf8(name), runsItems: false, isNamed: false);

        private static byte[] Utf8(string text)
        {
            byte[] name = new byte[RecordingEntry.FunctionSize];
            return name[..Write(text, name)];
        }
    }
}
