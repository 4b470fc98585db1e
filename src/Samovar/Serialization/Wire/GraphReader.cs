namespace Samovar.Serialization.Wire;

/// <summary>Reads one message; the mirror of <see cref="GraphWriter"/>. Reused; owned by one thread while it reads.</summary>
/// <remarks>
/// Nothing is taken on trust: each length is compared with the bytes left, less those that objects already promised will need
/// (<see cref="Promise"/>), before memory is taken for it, so that a message costs at most a small multiple of its size.
/// </remarks>
internal sealed unsafe partial class GraphReader
{
    private IdentityTable.Entry[] _objects = new IdentityTable.Entry[16];
    private int _count;
    private object[] _known = []; // of the message that this one continues; their numbers come first
    private int[] _stack = new int[16];
    private int _stackCount;
    private int _floor;
    private int _depth;
    private int _nesting;
    private readonly List<(ObjectPlan Plan, object Value, object State)> _finishers = [];

    internal DefinitionReader Definitions { get; private set; } = null!;

    internal PlanTable Plans { get; private set; } = null!;

    internal ShippingOptions Options { get; private set; } = null!;

    internal LiveConnector? Connector { get; private set; }

    internal void Begin(DefinitionReader definitions, ShippingOptions options, LiveConnector? connector, byte* start, int length, object[] known)
    {
        _known = known;
        Definitions = definitions;
        Plans = definitions.Plans;
        Options = options;
        Connector = connector;
        _start = _at = start;
        _end = start + length;
        _promised = 0;
    }

    internal void End()
    {
        if (_objects.Length > 1 << 14) _objects = new IdentityTable.Entry[16];
        else Array.Clear(_objects, 0, _count);
        _count = 0;
        _known = [];
        _stackCount = 0;
        _floor = 0;
        _depth = 0;
        _nesting = 0;
        _finishers.Clear();
        _start = _at = _end = null;
        Connector = null;
        EndStrings();
    }

    /// <summary>Reads a reference into a location of type <typeparamref name="T"/>.</summary>
    /// <param name="exact">The plan for objects that are exactly of type <typeparamref name="T"/>; null where that type is abstract.</param>
    internal T? ReadReference<T>(ObjectPlan? exact)
        where T : class
    {
        uint token = ReadVarUInt();
        object value;
        switch (token)
        {
            case GraphWriter.NullReference:
                return null;
            case GraphWriter.NewOfDeclaredType:
                // The check below is needed here too: a plan that stands for all types derived from one may make another of them.
                value = ReadNew(exact ?? throw Bad($"An object of exactly type {typeof(T)} cannot exist"));
                break;
            case GraphWriter.NewOfGivenType:
                var entry = Definitions.Type((int)ReadDefinition());
                var plan = entry.Plan ??= Plans.PlanFor(entry.Type);
                if (!plan.Produces(typeof(T))) throw Bad($"A {entry.Type} stands where a {typeof(T)} belongs");
                value = ReadNew(plan);
                break;
            default:
                value = ReadBackReference((int)(token - GraphWriter.FirstBackReference));
                break;
        }

        return value as T ?? throw Bad($"A {value.GetType()} stands where a {typeof(T)} belongs");
    }

    /// <summary>The objects that were read, by their numbers.</summary>
    internal object[] TakeObjects(bool all)
    {
        var taken = new object[all ? _count : Math.Min(_count, 1)];
        for (int i = 0; i < taken.Length; i++) taken[i] = _objects[i].Value!;
        return taken;
    }

    private object ReadBackReference(int id)
    {
        if ((uint)id < (uint)_known.Length) return _known[id];
        id -= _known.Length;
        if ((uint)id >= (uint)_count) throw Bad($"Object {id} is referred to before it appears");
        ref var entry = ref _objects[id];
        if (entry.Pending is not null) Push(id);
        return entry.Value ?? throw Bad($"Object {id} refers to itself before it can exist");
    }

    private object ReadNew(ObjectPlan plan)
    {
        if (_count >= Options.MaxObjects - _known.Length)
            throw Bad($"The message holds more than {Options.MaxObjects:N0} objects");
        if (_count == _objects.Length) Array.Resize(ref _objects, _count * 2);
        int id = _count++;
        object value;
        switch (plan.Shape)
        {
            case PlanShape.Whole:
                value = plan.ReadShell(this);
                _objects[id].Value = value;
                return value;
            case PlanShape.Inline:
                value = plan.ReadShell(this);
                _objects[id].Value = value;
                plan.ReadBody(this, value);
                return value;
            default:
                Promise(plan.LeastBodyBytes);
                value = plan.ReadShell(this);
                ref var entry = ref _objects[id];
                entry.Value = value;
                entry.Pending = plan;
                entry.Depth = _depth + 1;
                if (entry.Depth > Options.MaxDepth) throw Bad($"An object lies deeper than {Options.MaxDepth:N0} objects");
                Push(id);
                return value;
        }
    }

    /// <summary>Reads the bodies that wait, and finishes what had to wait for them.</summary>
    internal void Drain()
    {
        while (_stackCount > _floor)
        {
            int id = _stack[--_stackCount];
            if (id < 0)
            {
                var (plan, value, state) = _finishers[~id];
                _finishers[~id] = default;
                plan.Finish(this, value, state);
                continue;
            }

            ref var entry = ref _objects[id];
            var pending = entry.Pending;
            if (pending is null) continue;
            entry.Pending = null;
            _depth = entry.Depth;
            _promised -= pending.LeastBodyBytes;
            pending.ReadBody(this, entry.Value!);
        }
    }

    /// <summary>Reads the bodies of all that was referred to since <see cref="BeginNested"/>.</summary>
    internal void DrainNested(int floor)
    {
        int depth = _depth;
        int outer = _floor;
        _floor = floor;
        Drain();
        _floor = outer;
        _depth = depth;
    }

    internal int BeginNested()
    {
        if (++_nesting > GraphWriter.MaxNesting) throw Bad($"Containers are nested more than {GraphWriter.MaxNesting} deep");
        return _stackCount;
    }

    internal void EndNested() => _nesting--;

    /// <summary>Calls <see cref="ObjectPlan.Finish"/> once everything read from here on, and all that it refers to, is complete.</summary>
    internal void FinishLater(ObjectPlan plan, object value, object state)
    {
        _finishers.Add((plan, value, state));
        PushRaw(~(_finishers.Count - 1));
    }

    private void Push(int id)
    {
        if (_stackCount > _floor && _stack[_stackCount - 1] == id) return;
        PushRaw(id);
    }

    private void PushRaw(int id)
    {
        if (_stackCount == _stack.Length) Array.Resize(ref _stack, _stackCount * 2);
        _stack[_stackCount++] = id;
    }
}
