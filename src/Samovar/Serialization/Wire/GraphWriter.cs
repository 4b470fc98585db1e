using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Serialization.Closures;

namespace Samovar.Serialization.Wire;

/// <summary>Writes one message. Reused; owned by one thread while it writes.</summary>
/// <remarks>
/// 1. A reference is written as a number: null, a new object, or the number of an object that was written before. A new object gets the next
///    number immediately. Its body is deferred to an explicit stack, so that depth consumes no thread stack.
/// 2. The stack is last in, first out, and an object that is referred to again before its body is written moves to the top. Except in cycles,
///    the body of an object is therefore complete before the finisher of the object that refers to it runs. Hash tables need this.
/// 3. The bytes stay in the writer's buffer, and large blocks are recorded by reference. The caller's output is not touched before the whole
///    message is known to be writable, and each large block is copied once.
/// </remarks>
internal sealed partial class GraphWriter
{
    internal const int NullReference = 0;
    internal const int NewOfDeclaredType = 1;
    internal const int NewOfGivenType = 2;
    internal const int FirstBackReference = 3;

    /// <summary>The maximum nesting depth of containers that are built from their contents (frozen sets, delegates).</summary>
    internal const int MaxNesting = 200;

    [ThreadStatic]
    private static GraphWriter? t_spare;

    private IdentityTable _objects = new();
    private int[] _stack = new int[16];
    private int _stackCount;
    private int _floor;
    private int _depth;
    private int _nesting;
    private Dictionary<object, object>? _substitutes;
    private List<object>? _open;
    private ExportTracker? _exports;
    private Dictionary<object, ClosurePart?>? _widened;

    internal DefinitionWriter Definitions { get; private set; } = null!;

    internal PlanTable Plans { get; private set; } = null!;

    internal ShippingOptions Options { get; private set; } = null!;

    internal LiveConnector? Connector { get; private set; }

    internal void Begin(DefinitionWriter definitions, ShippingOptions options, LiveConnector? connector, IdentityTable? known = null)
    {
        _objects.Continue(known);
        Definitions = definitions;
        Plans = definitions.Plans;
        Options = options;
        Connector = connector is null ? null : (_exports ??= new ExportTracker()).Of(connector);
        _maxBytes = options.MaxBytes;
    }

    /// <summary>Discards the written message, so that the same message or another one can be written.</summary>
    internal void Reset()
    {
        _objects.Clear();
        _stackCount = 0;
        _floor = 0;
        _depth = 0;
        _nesting = 0;
        _open?.Clear();
        ResetBytes();
        DefinitionsNeeded = 0;
        IsTooNarrow = false;
    }

    /// <summary>Returns the writer that this thread released, or a new one.</summary>
    internal static GraphWriter Rent()
    {
        var writer = t_spare ?? new GraphWriter();
        t_spare = null;
        return writer;
    }

    /// <summary>Releases everything that belongs to the message, and keeps the writer for the thread's next one.</summary>
    internal void Release()
    {
        Reset();
        _objects.Continue(null);
        _substitutes = null;
        _widened = null;
        Connector = null;
        _exports?.Forget();
        t_spare = this;
    }

    /// <summary>Takes the table of the message's objects, for messages that continue this one.</summary>
    /// <param name="all">true if those messages may refer to every object; false if only to the root.</param>
    internal IdentityTable TakeIdentities(bool all)
    {
        var taken = _objects;
        _objects = new IdentityTable();
        if (!all) taken.KeepRoot();
        return taken;
    }

    /// <summary>The number of objects in the message so far.</summary>
    internal int ObjectCount => _objects.Count;

    /// <summary>Closes the live ports of a message that is not sent.</summary>
    internal void RevokeExports() => _exports?.Revoke();

    /// <summary>Replaces an exception that cannot travel by another one at every location that accepts the replacement.</summary>
    internal void Substitute(object original, object replacement) =>
        (_substitutes ??= new Dictionary<object, object>(ReferenceEqualityComparer.Instance)).Add(original, replacement);

    internal bool HasSubstitute(object original) => _substitutes?.ContainsKey(original) == true;

    /// <summary>Writes a reference in a location of static type <paramref name="declared"/>.</summary>
    /// <param name="value">The object.</param>
    /// <param name="exact">The plan for objects whose type is exactly the declared type; null if that type is abstract.</param>
    /// <param name="declared">The static type of the location.</param>
    internal void WriteReference(object? value, ObjectPlan? exact, Type declared)
    {
        if (value is null)
        {
            WriteByte(NullReference);
            return;
        }

        if (_substitutes is not null && _substitutes.TryGetValue(value, out var replacement) && declared.IsInstanceOfType(replacement))
            value = replacement;

        int id = FindOrAdd(value, out bool added);
        if (!added)
        {
            if (_objects[id].Part != 0) Widen(value, id, null);
            WriteBackReference(value, id);
            return;
        }

        var type = value.GetType();
        if (exact is not null && type == exact.Type)
        {
            if (exact.Named is { } names && names.FieldOf(value) is { } field)
            {
                WriteNewAs(Definitions.NamedBy(field), value, id);
                return;
            }

            WriteByte(NewOfDeclaredType);
            WriteNew(value, id, exact);
            return;
        }

        var entry = Definitions.TypeOf(type);
        WriteNewAs(entry.Plan!.Named?.FieldOf(value) is { } name ? Definitions.NamedBy(name) : entry, value, id);
    }

    /// <summary>Writes a reference to a closure of which the referring object needs only a part.</summary>
    internal void WriteClosure(object closure, ClosurePart part)
    {
        if (_widened is not null && _widened.TryGetValue(closure, out var widened))
        {
            if (ClosurePart.Union(part, widened) is not { } union)
            {
                WriteReference(closure, null, typeof(object));
                return;
            }

            part = union;
        }

        var entry = Definitions.PartOf(part);
        int id = FindOrAdd(closure, out bool added);
        if (!added)
        {
            int written = _objects[id].Part;
            if (written != 0 && written != entry.Id) Widen(closure, id, part);
            WriteBackReference(closure, id);
            return;
        }

        _objects[id].Part = entry.Id;
        WriteNewAs(entry, closure, id);
    }

    /// <summary>Whether a closure is needed with more fields than were written, so that the message must be rewritten.</summary>
    internal bool IsTooNarrow { get; private set; }

    // A closure that must be written with more fields is not written as a reference to the continued message.
    private int FindOrAdd(object value, out bool added) => _widened is not null && _widened.ContainsKey(value)
        ? _objects.FindOrAddHere(value, out added)
        : _objects.FindOrAdd(value, out added);

    // If two objects that refer to one closure, such as two lambdas of one block, need different parts, the closure is written with both parts.
    // A continued message can no longer change: if its closure lacks a field, this message contains a separate closure with the fields that this
    // message needs.
    private void Widen(object closure, int id, ClosurePart? part)
    {
        var before = Definitions.PartOf(_objects[id].Part);
        var union = ClosurePart.Union(before, part);
        if (before == union) return;
        var needed = _objects.IsKnown(id) ? part : union;
        (_widened ??= new Dictionary<object, ClosurePart?>(ReferenceEqualityComparer.Instance))[closure] =
            _widened.TryGetValue(closure, out var other) ? ClosurePart.Union(other, needed) : needed;
        IsTooNarrow = true;
    }

    private void WriteBackReference(object value, int id)
    {
        if (_open is { Count: > 0 }) RefuseIfOpen(value);
        WriteVarUInt((uint)id + FirstBackReference);
        if (_objects[id].Pending is not null) Push(id);
    }

    /// <summary>Writes an object by a plan that its location determines, regardless of the object's type; the reader uses the same plan.</summary>
    internal void WriteReferenceAs(object value, ObjectPlan plan)
    {
        int id = _objects.FindOrAdd(value, out bool added);
        if (!added)
        {
            WriteVarUInt((uint)id + FirstBackReference);
            return;
        }

        WriteByte(NewOfDeclaredType);
        WriteNew(value, id, plan);
    }

    private void WriteNewAs(TypeEntry entry, object value, int id)
    {
        WriteByte(NewOfGivenType);
        WriteDefinition(entry.Id);
        WriteNew(value, id, entry.Plan!);
    }

    private void WriteNew(object value, int id, ObjectPlan plan)
    {
        if (id >= Options.MaxObjects)
            throw new UnsupportedValueException(value, $"makes the message larger than {Options.MaxObjects:N0} objects; send less at a time, or raise ShippingOptions.MaxObjects");
        switch (plan.Shape)
        {
            case PlanShape.Whole:
                plan.WriteShell(this, value);
                break;
            case PlanShape.Inline:
                plan.WriteShell(this, value);
                plan.WriteBody(this, value);
                break;
            default:
                plan.WriteShell(this, value);
                ref var entry = ref _objects[id];
                entry.Pending = plan;
                entry.Depth = _depth + 1;
                if (entry.Depth > Options.MaxDepth)
                {
                    throw new UnsupportedValueException(
                        value, $"is more than {Options.MaxDepth:N0} objects away from the root; raise ShippingOptions.MaxDepth");
                }

                Push(id);
                break;
        }
    }

    /// <summary>Writes the pending bodies.</summary>
    internal void Drain()
    {
        while (_stackCount > _floor)
        {
            int id = _stack[--_stackCount];
            ref var entry = ref _objects[id];
            var plan = entry.Pending;
            if (plan is null) continue;
            entry.Pending = null;
            _depth = entry.Depth;
            plan.WriteBody(this, entry.Value!);
        }
    }

    /// <summary>Writes the bodies of all objects that were referred to since <see cref="BeginNested"/>.</summary>
    internal void DrainNested(int floor)
    {
        int depth = _depth;
        int outer = _floor;
        _floor = floor;
        Drain();
        _floor = outer;
        _depth = depth;
    }

    /// <summary>Enters a container that the reader can only build from its contents; returns the argument for <see cref="DrainNested"/>.</summary>
    internal int BeginNested(object container)
    {
        if (++_nesting > MaxNesting)
        {
            throw new UnsupportedValueException(
                container, $"is nested more than {MaxNesting} levels deep in containers that are built from their contents");
        }

        return _stackCount;
    }

    internal void EndNested() => _nesting--;

    /// <summary>Marks a container whose contents are being written, because the reader cannot resolve a reference to it from inside.</summary>
    internal void OpenContainer(object container) => (_open ??= []).Add(container);

    internal void CloseContainer(object container) => _open!.RemoveAt(_open.Count - 1);

    private void RefuseIfOpen(object value)
    {
        foreach (var container in _open!)
        {
            if (ReferenceEquals(container, value))
                throw new UnsupportedValueException(value, "contains itself, but can only be built from its contents; use a mutable one instead");
        }
    }

    private void Push(int id)
    {
        if (_stackCount > _floor && _stack[_stackCount - 1] == id) return;
        if (_stackCount == _stack.Length) Array.Resize(ref _stack, _stackCount * 2);
        _stack[_stackCount++] = id;
    }

    /// <summary>Writes the number of a type, method or delegate of this connection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WriteDefinition(int id)
    {
        if (id >= DefinitionsNeeded) DefinitionsNeeded = id + 1;
        WriteVarUInt((uint)id);
    }

    /// <summary>Writes the number of a delegate of this connection, plus one; zero denotes a multicast delegate.</summary>
    internal void WriteDelegate(int id)
    {
        if (id >= DefinitionsNeeded) DefinitionsNeeded = id + 1;
        WriteVarUInt((uint)id + 1);
    }

    /// <summary>The number of definitions of the connection that the other side needs to read this message.</summary>
    internal int DefinitionsNeeded { get; private set; }

    /// <summary>Checks a count of elements against the limit and writes it.</summary>
    internal void WriteCount(object collection, int count)
    {
        if (count > Options.MaxArrayLength)
            throw new UnsupportedValueException(collection, $"has {count:N0} elements, more than {Options.MaxArrayLength:N0}; raise ShippingOptions.MaxArrayLength");
        WriteVarUInt((uint)count);
    }

    /// <summary>Writes unmanaged elements. A small block is copied now, a large one when the message is copied to its destination.</summary>
    internal void WriteElements<T>(T[] array, int offset, int count)
    {
        long bytes = (long)count * Unsafe.SizeOf<T>();
        if (bytes >= BlockThreshold) AddBlock(array, (long)offset * Unsafe.SizeOf<T>(), bytes);
        else if (bytes > 0)
            CopyBytes(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetArrayDataReference(array)), (long)offset * Unsafe.SizeOf<T>(), (int)bytes);
    }

    internal void WriteElements<T>(ReadOnlySpan<T> span)
    {
        long bytes = (long)span.Length * Unsafe.SizeOf<T>();
        if (bytes > 0)
        {
            CheckSize(bytes);
            CopyBytes(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(span)), 0, (int)bytes);
        }
    }
}
