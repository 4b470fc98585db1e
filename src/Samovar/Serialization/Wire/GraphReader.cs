namespace Samovar.Serialization.Wire;

/// <summary>Reads one message: the counterpart of <see cref="GraphWriter"/>. Reused; owned by one thread while it reads.</summary>
/// <remarks>
/// The input is not trusted. Before memory is allocated for a length, the length is compared with the bytes that are left, less those reserved
/// for objects whose bodies are still to come (<see cref="Promise"/>). A message therefore costs at most a small multiple of its size.
/// </remarks>
internal sealed unsafe partial class GraphReader
{
    private IdentityTable.Entry[] _objects = new IdentityTable.Entry[16];
    private int _count;
    private object[] _known = []; // the objects of the message that this one continues; their numbers come first
    private int[] _stack = new int[16];
    private int _stackCount;
    private int _floor;
    private int _depth;
    private int _nesting;
    private readonly List<(ObjectPlan Plan, object Value, object State)> _finishers = [];
    private bool _hasFinishers; // clearing a list of tuples is compiled at run time, with the first message of each worker

    internal DefinitionReader Definitions { get; private set; } = null!;

    internal PlanTable Plans { get; private set; } = null!;

    internal ShippingOptions Options { get; private set; } = null!;

    internal LiveConnector? Connector { get; private set; }

    /// <summary>The first delegate in the message, or the first part of it; null before it is read.</summary>
    internal DelegateShape? FirstDelegate { get; set; }

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
        if (_hasFinishers) _finishers.Clear();
        _hasFinishers = false;
        _start = _at = _end = null;
        Connector = null;
        FirstDelegate = null;
        EndStrings();
    }

    /// <summary>Reads a reference into a location of type <typeparamref name="T"/>.</summary>
    /// <param name="exact">The plan for objects whose type is exactly <typeparamref name="T"/>; null if that type is abstract.</param>
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
                // The type check below is needed here too: a plan that covers derived types can create an object of another derived type.
                value = ReadNew(exact ?? throw Bad($"An object whose type is exactly {typeof(T)} cannot exist"));
                break;
            case GraphWriter.NewOfGivenType:
                var entry = Definitions.Type((int)ReadDefinition());
                var plan = entry.Plan ??= Plans.PlanFor(entry.Type);
                if (!plan.Produces(typeof(T))) throw Bad($"The message contains a {entry.Type} where a {typeof(T)} is expected");
                value = ReadNew(plan);
                break;
            default:
                value = ReadBackReference((int)(token - GraphWriter.FirstBackReference));
                break;
        }

        return value as T ?? throw Bad($"The message contains a {value.GetType()} where a {typeof(T)} is expected");
    }

    /// <summary>Returns the objects that were read, indexed by their numbers; only the root unless <paramref name="all"/> is true.</summary>
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
            throw Bad($"The message contains more than {Options.MaxObjects:N0} objects");
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
                if (entry.Depth > Options.MaxDepth) throw Bad($"An object is more than {Options.MaxDepth:N0} objects away from the root");
                Push(id);
                return value;
        }
    }

    /// <summary>Reads the pending bodies, and runs the finishers that waited for them.</summary>
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

    /// <summary>Reads the bodies of all objects that were referred to since <see cref="BeginNested"/>.</summary>
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
        if (++_nesting > GraphWriter.MaxNesting) throw Bad($"Containers are nested more than {GraphWriter.MaxNesting} levels deep");
        return _stackCount;
    }

    internal void EndNested() => _nesting--;

    /// <summary>Schedules a call of <see cref="ObjectPlan.Finish"/> for when all objects that are read from now on, and all objects that those
    /// refer to, are complete.</summary>
    internal void FinishLater(ObjectPlan plan, object value, object state)
    {
        _hasFinishers = true;
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
