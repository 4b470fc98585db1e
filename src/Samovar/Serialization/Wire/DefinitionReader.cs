using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Definitions;
using Samovar.Serialization.Singletons;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Wire;

/// <summary>The definitions that one receiver has read. One thread at a time adds definitions; any number of threads look them up.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class DefinitionReader
{
    private const int MostTypeNodes = 256; // limits the size of a nested generic type that the runtime's type loader has to create

    // Numbers of the metadata tables TypeDef, Field and MethodDef (ECMA-335, II.22).
    private const int TypeTable = 0x02;
    private const int FieldTable = 0x04;
    private const int MethodTable = 0x06;

    private const BindingFlags EveryField = TravellingFields.Every | BindingFlags.Static;

    private readonly Lock _lock = new();
    private readonly int _limit;
    private readonly IReadOnlyCollection<Assembly>? _visible;
    private readonly bool _loadsFiles;
    private object[] _entries;
    private int _count;

    public DefinitionReader(PlanTable plans, ShippingOptions options)
    {
        Plans = plans;
        _limit = options.MaxDefinitions;
        _visible = options.VisibleAssemblies;
        _loadsFiles = options.NamesFiles;
        _entries = Array.ConvertAll(WellKnownTypes.All, t => (object)new TypeEntry(0, t));
        _count = _entries.Length;
    }

    public PlanTable Plans { get; }

    /// <summary>The number of definitions so far, including those known from the start.</summary>
    public int Count => Volatile.Read(ref _count); // SYNC: definitions published

    public TypeEntry Type(int id) => Find<TypeEntry>(id);

    public MemberInfo Member(int id) => Find<MemberInfo>(id);

    public Module Module(int id) => Find<Module>(id);

    public DelegateShape Delegate(int id) => Find<DelegateShape>(id);

    /// <summary>Reads a part of the sender's log, skips the definitions that are already known, and returns the number of bytes read.</summary>
    public int Read(ReadOnlySpan<byte> block)
    {
        lock (_lock)
        {
            var parser = new Parser(block);
            uint first = parser.Number();
            uint count = parser.Number();
            if (count > block.Length) throw parser.Bad($"{count:N0} definitions do not fit into {block.Length:N0} bytes");
            if (count > 0 && first > _count)
                throw parser.Bad($"Definitions start at {first}, but the last one known is {_count - 1}");
            for (uint i = 0; i < count; i++)
            {
                bool isNew = first + i >= _count;
                var definition = ReadOne(ref parser, isNew ? _count : (int)(first + i));
                if (isNew) Add(definition);
            }

            return parser.Position;
        }
    }

    private T Find<T>(int id)
        where T : class
    {
        int count = Volatile.Read(ref _count); // SYNC: definitions published
        if ((uint)id >= (uint)count)
            throw new ShippingFormatException($"The message refers to definition {id}, but only {count} are known.");
        return Volatile.Read(ref _entries)[id] as T ?? throw NotA<T>(id);
    }

    private ShippingFormatException NotA<T>(int id)
    {
        object entry = Volatile.Read(ref _entries)[id];
        (entry as LostDefinition)?.Throw();
        return new ShippingFormatException($"Definition {id} is a {entry.GetType().Name}, not a {typeof(T).Name}.");
    }

    private void Add(object definition)
    {
        if (_count - WellKnownTypes.All.Length >= _limit)
            throw new ShippingFormatException($"The connection has more than {_limit:N0} definitions.");
        if (_count == _entries.Length)
        {
            var larger = new object[_count * 2];
            _entries.CopyTo(larger, 0);
            Volatile.Write(ref _entries, larger);
        }

        _entries[_count] = definition;
        Volatile.Write(ref _count, _count + 1); // SYNC: definitions published
        CheckInvariantsLocked();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_count <= _entries.Length && _count - WellKnownTypes.All.Length <= _limit, "the definitions fit into the array and do not exceed the limit");
        Debug.Assert(_entries[_count - 1] is not null, "the last counted definition is set");
    }

    private object ReadOne(ref Parser parser, int known)
    {
        var kind = (DefinitionKind)parser.Byte();
        var parts = parser;
        try
        {
            switch (kind)
            {
                case DefinitionKind.Module:
                    return BuildVerifier.Find(parser.Text(), new Guid(parser.Bytes(16)), _visible);
                case DefinitionKind.ModuleOfFile:
                    return ModuleOfFile(parser.Text(), new Guid(parser.Bytes(16)), new ModuleFile(parser.Text(), parser.Byte() != 0));
                case DefinitionKind.Type:
                    return Entry(((Module)Earlier(parser.Number(), known)).ResolveType(Own(parser.Token(), TypeTable)));
                case DefinitionKind.GenericType:
                    return Entry(EarlierType(parser.Number(), known).MakeGenericType(Arguments(ref parser, known)));
                case DefinitionKind.Vector:
                    return Entry(EarlierType(parser.Number(), known).MakeArrayType());
                case DefinitionKind.Array:
                    return Entry(EarlierType(parser.Number(), known).MakeArrayType((int)parser.Number()));
                case DefinitionKind.ByRef:
                    return Entry(EarlierType(parser.Number(), known).MakeByRefType());
                case DefinitionKind.Pointer:
                    return Entry(EarlierType(parser.Number(), known).MakePointerType());
                case DefinitionKind.TypeParameter:
                    return Entry(EarlierType(parser.Number(), known).GetGenericArguments()[parser.Number()]);
                case DefinitionKind.MethodParameter:
                    return Entry(((MethodBase)Earlier(parser.Number(), known)).GetGenericArguments()[parser.Number()]);
                case DefinitionKind.Method:
                    return Method(EarlierType(parser.Number(), known), parser.Token());
                case DefinitionKind.GenericMethod:
                    return ((MethodInfo)Earlier(parser.Number(), known)).MakeGenericMethod(Arguments(ref parser, known));
                case DefinitionKind.Field:
                    return Field(EarlierType(parser.Number(), known), Own(parser.Token(), FieldTable));
                case DefinitionKind.Delegate:
                    return DelegateShape.Create(EarlierType(parser.Number(), known), (MethodInfo)Earlier(parser.Number(), known), (TargetKind)parser.Byte());
                case DefinitionKind.ClosurePart:
                    return Part(EarlierType(parser.Number(), known), FieldMask.Read(parser.Bytes(FieldMask.Size)));
                case DefinitionKind.NamedObject:
                    return Named((FieldInfo)Earlier(parser.Number(), known));
                default:
                    throw parser.Bad($"{(byte)kind} is not a valid kind of definition");
            }
        }
        catch (BuildMismatchException mismatch)
        {
            // Only messages that need this module fail; reading continues with the next definition.
            parser = parts;
            parser.Skip(kind);
            return new LostDefinition(mismatch);
        }
        catch (Exception e) when (e is not (ShippingException or OutOfMemoryException)) // exhausted memory is not an error in the definition
        {
            throw new ShippingFormatException($"A definition of kind {kind} is invalid: {e.Message}", parser.Position, e);
        }
    }

    private Module ModuleOfFile(string name, Guid build, ModuleFile file) => BuildVerifier.Find(name, build, _visible, _loadsFiles ? file : null);

    private static MethodBase Method(Type declaring, int token)
    {
        var method = declaring.Module.ResolveMethod(Own(token, MethodTable))!;
        return MethodBase.GetMethodFromHandle(method.MethodHandle, declaring.TypeHandle)!;
    }

    // Searches the type's own fields by token. Resolving the token in the module returns the field of the generic definition, which cannot be
    // used on instantiations over value types.
    private static FieldInfo Field(Type declaring, int token) => Array.Find(declaring.GetFields(EveryField), f => f.MetadataToken == token)
        ?? throw new ShippingFormatException($"{declaring} has no field with token {token:X8}.");

    private TypeEntry Part(Type type, FieldMask fields) => ClosureType.Is(type) && !type.ContainsGenericParameters
        ? new TypeEntry(0, type) { Plan = Plans.PlanFor(new ClosurePart(type, fields, null)) }
        : throw new ShippingFormatException($"A part of a {type} cannot be read, because the type is not a closure.");

    private TypeEntry Named(FieldInfo field) => NamedObjects.CanHold(field)
        ? new TypeEntry(0, field.FieldType) { Plan = Plans.PlanFor(field) }
        : throw new ShippingFormatException($"{field.DeclaringType}.{field.Name} is not a static read-only field of its declaring type.");

    // A token of another table can refer to another module, whose build is not verified and which would be loaded.
    private static int Own(int token, int table) => token >>> 24 == table
        ? token
        : throw new ShippingFormatException($"Token {token:X8} does not refer to a definition of its module.");

    private Type[] Arguments(ref Parser parser, int known)
    {
        uint count = parser.Number();
        if (count > parser.Left) throw parser.Bad($"{count:N0} type arguments do not fit into {parser.Left:N0} bytes");
        var arguments = new Type[count];
        for (int i = 0; i < arguments.Length; i++) arguments[i] = EarlierType(parser.Number(), known);
        return arguments;
    }

    private object Earlier(uint id, int known)
    {
        if (id >= (uint)known) throw new ShippingFormatException($"A definition refers to definition {id}, but only {known} precede it.");
        (_entries[id] as LostDefinition)?.Throw();
        return _entries[id];
    }

    private Type EarlierType(uint id, int known) => ((TypeEntry)Earlier(id, known)).Type;

    private static TypeEntry Entry(Type type)
    {
        if (Nodes(type, 0) > MostTypeNodes)
            throw new ShippingFormatException($"A type consists of more than {MostTypeNodes} parts.");
        return new TypeEntry(0, type);
    }

    private static int Nodes(Type type, int so)
    {
        so++;
        if (so > MostTypeNodes) return so;
        if (type.HasElementType) return Nodes(type.GetElementType()!, so);
        if (type is { IsGenericType: true, IsGenericTypeDefinition: false })
        {
            foreach (var argument in type.GetGenericArguments()) so = Nodes(argument, so);
        }

        return so;
    }

    private ref struct Parser(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Position { get; private set; }

        public readonly int Left => _bytes.Length - Position;

        public readonly ShippingFormatException Bad(string what) => new(what + ".", Position);

        public byte Byte() => Bytes(1)[0];

        public ReadOnlySpan<byte> Bytes(uint count)
        {
            if (count > Left) throw Bad($"The definitions end {count - Left:N0} bytes early");
            var part = _bytes.Slice(Position, (int)count);
            Position += (int)count;
            return part;
        }

        /// <summary>Skips the parts of a definition; <see cref="DefinitionKind"/> lists the parts of each kind.</summary>
        public void Skip(DefinitionKind kind)
        {
            switch (kind)
            {
                case DefinitionKind.Module:
                    Text();
                    Bytes(16);
                    break;
                case DefinitionKind.ModuleOfFile:
                    Text();
                    Bytes(16);
                    Text();
                    Byte();
                    break;
                case DefinitionKind.GenericType or DefinitionKind.GenericMethod:
                    Number();
                    for (uint count = Number(); count > 0; count--) Number();
                    break;
                case DefinitionKind.Type or DefinitionKind.Method or DefinitionKind.Field:
                    Number();
                    Token();
                    break;
                case DefinitionKind.Array or DefinitionKind.TypeParameter or DefinitionKind.MethodParameter:
                    Number();
                    Number();
                    break;
                case DefinitionKind.Delegate:
                    Number();
                    Number();
                    Byte();
                    break;
                case DefinitionKind.ClosurePart:
                    Number();
                    Bytes(16);
                    break;
                default: // one part: the type of an element, or a field
                    Number();
                    break;
            }
        }

        public int Token() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

        public string Text() => Encoding.UTF8.GetString(Bytes(Number()));

        public uint Number()
        {
            uint value = 0;
            for (int shift = 0; ; shift += 7)
            {
                uint next = Byte();
                if (shift == 28 && next > 0xF) throw Bad("A number has more than 32 bits");
                value |= (next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }
    }
}
