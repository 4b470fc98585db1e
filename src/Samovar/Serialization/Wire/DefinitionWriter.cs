using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Serialization.Closures;
using Samovar.Serialization.Definitions;
using Samovar.Serialization.Types;

namespace Samovar.Serialization.Wire;

/// <summary>The append-only log of the types, methods and delegates that one sender has numbered. Safe for any thread.</summary>
/// <remarks>
/// 1. A definition is complete when it enters the log, and stays valid even if the message that caused it fails; such a message only leaves
///    unused definitions.
/// 2. A message states how many definitions it needs. Its sender first sends the part of the log that the receiver does not have. Messages can
///    therefore be written by many threads concurrently, be kept, be reordered and be sent to any receiver of the log.
/// 3. Look-ups take no lock. Appending holds <see cref="_lock"/>, and an entry can be looked up only after it is in the log.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class DefinitionWriter
{
    private readonly Lock _lock = new();
    private readonly List<byte[]> _log = [];
    private readonly ConcurrentDictionary<Type, TypeEntry> _types = new();
    private readonly ConcurrentDictionary<BoundMethod, DelegateEntry> _delegates = new();
    private readonly ConcurrentDictionary<ClosurePart, TypeEntry> _parts = new();
    private readonly ConcurrentDictionary<FieldInfo, TypeEntry> _named = new();
    private readonly ConcurrentDictionary<object, Numbered> _numbers = new();
    private readonly int _limit;
    private readonly bool _namesFiles;
    private ConcurrentDictionary<DelegateKey, DelegateEntry>? _delegatesByCode; // created on first use, because few workers write delegates
    private ConcurrentDictionary<int, ClosurePart>? _partsByNumber; // likewise, because few workers write closures
    private volatile LastDelegate? _last;

    public DefinitionWriter(PlanTable plans, ShippingOptions options)
    {
        Plans = plans;
        _limit = options.MaxDefinitions;
        _namesFiles = options.NamesFiles;
        for (int i = 0; i < WellKnownTypes.All.Length; i++) _numbers[WellKnownTypes.All[i]] = new Numbered(i);
    }

    public PlanTable Plans { get; }

    /// <summary>The number of definitions so far, including those known from the start.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return WellKnownTypes.All.Length + _log.Count;
        }
    }

    /// <summary>Writes the definitions from number <paramref name="from"/> up to, but not including, <paramref name="to"/>.</summary>
    public void Write(int from, int to, IBufferWriter<byte> output)
    {
        from = Math.Max(from, WellKnownTypes.All.Length);
        byte[][] part;
        lock (_lock)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(to, WellKnownTypes.All.Length + _log.Count);
            part = to <= from ? [] : [.. _log.GetRange(from - WellKnownTypes.All.Length, to - from)];
        }

        DefinitionBytes.WriteNumber(output, (uint)from);
        DefinitionBytes.WriteNumber(output, (uint)part.Length);
        foreach (var definition in part) output.Write(definition);
    }

    /// <summary>Returns the number and plan for objects of a type.</summary>
    public TypeEntry TypeOf(Type type)
    {
        if (_types.TryGetValue(type, out var entry)) return entry;
        var plan = Plans.PlanFor(type);
        return _types.GetOrAdd(type, new TypeEntry(plan.IsRefused ? 0 : Number(plan.Type), plan.Type) { Plan = plan });
    }

    /// <summary>Returns the number and plan for closures of which a part travels.</summary>
    public TypeEntry PartOf(ClosurePart part)
    {
        if (_parts.TryGetValue(part, out var entry)) return entry;
        lock (_lock)
        {
            if (_parts.TryGetValue(part, out entry)) return entry;
            int id = Append(DefinitionBytes.Begin(DefinitionKind.ClosurePart).Number(Define(part.Type)).Bytes(part.Fields.ToBytes()));
            LazyInitializer.EnsureInitialized(ref _partsByNumber, static () => new())[id] = part;
            entry = _parts[part] = new TypeEntry(id, part.Type) { Plan = Plans.PlanFor(part) };
            CheckInvariantsLocked();
            return entry;
        }
    }

    /// <summary>Returns the closure part with the given number.</summary>
    public ClosurePart PartOf(int number) => Volatile.Read(ref _partsByNumber)![number];

    /// <summary>Returns the number and plan for the object in a static field.</summary>
    public TypeEntry NamedBy(FieldInfo field)
    {
        if (_named.TryGetValue(field, out var entry)) return entry;
        lock (_lock)
        {
            if (_named.TryGetValue(field, out entry)) return entry;
            int id = Append(DefinitionBytes.Begin(DefinitionKind.NamedObject).Number(Define(field)));
            entry = _named[field] = new TypeEntry(id, field.FieldType) { Plan = Plans.PlanFor(field) };
            CheckInvariantsLocked();
            return entry;
        }
    }

    /// <summary>Returns the number of a type, and defines it if necessary.</summary>
    public int Number(Type type)
    {
        if (_numbers.TryGetValue(type, out var known)) return known.Number;
        lock (_lock) return Define(type);
    }

    /// <summary>Returns the number of a method, constructor or field, and defines it if necessary.</summary>
    public int Number(MemberInfo member)
    {
        if (_numbers.TryGetValue(member, out var known)) return known.Number;
        lock (_lock) return Define(member);
    }

    /// <summary>Returns the number of a module, and defines it if necessary.</summary>
    public int Number(Module module)
    {
        lock (_lock) return Define(module);
    }

    /// <summary>Returns the number for the combination of a delegate's type and method.</summary>
    public DelegateEntry DelegateOf(Delegate value)
    {
        // The compiler caches the delegate of a lambda without captures, so a program that submits it repeatedly finds it here.
        if (_last is { } last && ReferenceEquals(last.Value, value)) // SYNC: last delegate published
            return last.Entry;
        var found = FindDelegate(value);
        if (found is { Target: not TargetKind.Object, IsCollectible: false })
            _last = new LastDelegate(value, found); // SYNC: last delegate published
        return found;
    }

    private DelegateEntry FindDelegate(Delegate value)
    {
        bool hasKey = DelegateKey.TryGet(value, out var key);
        var byCode = LazyInitializer.EnsureInitialized(ref _delegatesByCode, static () => new());
        if (hasKey && byCode.TryGetValue(key, out var entry)) return entry;
        entry = Describe(value);
        if (hasKey && !entry.IsCollectible) byCode[key] = entry;
        return entry;
    }

    private DelegateEntry Describe(Delegate value)
    {
        var method = value.Method;
        if (method.DeclaringType is null || method.Module.Assembly.IsDynamic)
        {
            throw new UnsupportedValueException(
                value, "was created at run time and exists only in this process; pass a lambda or a method of a compiled assembly");
        }

        RefuseWithoutFile(method.Module.Assembly, value);

        var target = value.Target is null ? TargetKind.None
            : IsSingleton(value.Target.GetType()) ? TargetKind.Singleton : TargetKind.Object;
        var key = new BoundMethod(value.GetType(), method, target);
        if (_delegates.TryGetValue(key, out var entry)) return entry;
        var part = target == TargetKind.Object ? ClosurePart.Of(method, value.Target!.GetType()) : null; // analyzes code, so not under the lock
        lock (_lock)
        {
            if (_delegates.TryGetValue(key, out entry)) return entry;
            int type = Define(key.Delegate);
            int code = Define(method);
            int id = Append(DefinitionBytes.Begin(DefinitionKind.Delegate).Number(type).Number(code).Byte((byte)target));
            entry = _delegates[key] = new DelegateEntry(id, target, part, method.Module.Assembly.IsCollectible || key.Delegate.IsCollectible);
            CheckInvariantsLocked();
            return entry;
        }
    }

    internal static FieldInfo? SingletonField(Type type)
    {
        if (!type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)) return null;
        var field = type.GetField("<>9", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic);
        return field?.FieldType == type ? field : null;
    }

    private static bool IsSingleton(Type type) => SingletonField(type) is not null && type.GetFields(TravellingFields.Every).Length == 0;

    private int Define(object thing)
    {
        if (_numbers.TryGetValue(thing, out var known)) return known.Number;
        var bytes = thing switch
        {
            Type type => Describe(type),
            MethodInfo { IsGenericMethod: true, IsGenericMethodDefinition: false } method => WithArguments(
                DefinitionBytes.Begin(DefinitionKind.GenericMethod).Number(Define(method.GetGenericMethodDefinition())), method.GetGenericArguments()),
            MethodBase method => DefinitionBytes.Begin(DefinitionKind.Method).Number(Define(method.DeclaringType!)).Token(method.MetadataToken),
            FieldInfo field => DefinitionBytes.Begin(DefinitionKind.Field).Number(Define(field.DeclaringType!)).Token(field.MetadataToken),
            Module module => Describe(module),
            _ => throw new ArgumentException($"A {thing.GetType()} cannot be defined.", nameof(thing)),
        };

        int number = Append(bytes);
        _numbers[thing] = new Numbered(number);
        CheckInvariantsLocked();
        return number;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_log.Count <= _limit, "the definitions do not exceed the limit");
        Debug.Assert(_numbers.Count - WellKnownTypes.All.Length + _parts.Count + _named.Count + _delegates.Count <= _log.Count, "every numbered entry is in the log");
    }

    private DefinitionBytes Describe(Type type)
    {
        if (type.IsByRef) return DefinitionBytes.Begin(DefinitionKind.ByRef).Number(Define(type.GetElementType()!));
        if (type.IsPointer) return DefinitionBytes.Begin(DefinitionKind.Pointer).Number(Define(type.GetElementType()!));
        if (type.IsSZArray) return DefinitionBytes.Begin(DefinitionKind.Vector).Number(Define(type.GetElementType()!));
        if (type.IsArray)
            return DefinitionBytes.Begin(DefinitionKind.Array).Number(Define(type.GetElementType()!)).Number(type.GetArrayRank());
        if (type.IsGenericTypeParameter)
            return DefinitionBytes.Begin(DefinitionKind.TypeParameter).Number(Define(type.DeclaringType!)).Number(type.GenericParameterPosition);
        if (type.IsGenericMethodParameter)
            return DefinitionBytes.Begin(DefinitionKind.MethodParameter).Number(Define(type.DeclaringMethod!)).Number(type.GenericParameterPosition);
        if (type.IsFunctionPointer)
            throw new UnsupportedValueException(type, "is the type of a function pointer, which has no identity outside its process");
        if (type is { IsGenericType: true, IsGenericTypeDefinition: false })
            return WithArguments(DefinitionBytes.Begin(DefinitionKind.GenericType).Number(Define(type.GetGenericTypeDefinition())), type.GetGenericArguments());
        return DefinitionBytes.Begin(DefinitionKind.Type).Number(Define(type.Module)).Token(type.MetadataToken);
    }

    private DefinitionBytes Describe(Module module)
    {
        var assembly = module.Assembly;
        string name = assembly.GetName().Name ?? "";
        if (assembly.IsDynamic)
            throw new UnsupportedValueException(module, $"('{name}') was created at run time and exists only in this process");
        RefuseWithoutFile(assembly, module);
        byte[] build = module.ModuleVersionId.ToByteArray();
        return _namesFiles && !BuildVerifier.IsOfTheProgram(assembly) && ModuleFile.Of(assembly) is { } file
            ? DefinitionBytes.Begin(DefinitionKind.ModuleOfFile).Text(name).Bytes(build).Text(file.Path).Byte(file.IsApart ? (byte)1 : (byte)0)
            : DefinitionBytes.Begin(DefinitionKind.Module).Text(name).Bytes(build);
    }

    private void RefuseWithoutFile(Assembly assembly, object culprit)
    {
        // In a single-file program neither Samovar itself nor the program's other assemblies have a file.
        if (!_namesFiles || BuildVerifier.IsOfTheProgram(assembly) || ModuleFile.Of(assembly) is not null || ModuleFile.Of(typeof(DefinitionWriter).Assembly) is null)
            return;
        string what = culprit is Module ? $"('{assembly.GetName().Name}')" : $"is code of '{assembly.GetName().Name}', which";
        throw new UnsupportedValueException(
            culprit, what + " was loaded from bytes, so a worker process has no file to load it from; load it from a file (Assembly.LoadFrom)");
    }

    private DefinitionBytes WithArguments(DefinitionBytes bytes, Type[] arguments)
    {
        bytes.Number(arguments.Length);
        foreach (var argument in arguments) bytes.Number(Define(argument));
        return bytes;
    }

    private int Append(DefinitionBytes definition)
    {
        if (_log.Count >= _limit)
            throw new UnsupportedValueException(null, $"needs more than {_limit:N0} types and methods on one connection; raise ShippingOptions.MaxDefinitions");
        _log.Add(definition.ToArray());
        return WellKnownTypes.All.Length + _log.Count - 1;
    }
}

/// <summary>The number of a type, method or module. A class, because .NET contains precompiled code for dictionaries with reference values.</summary>
internal sealed record Numbered(int Number);

/// <summary>A type that is defined on the connection.</summary>
internal sealed class TypeEntry(int id, Type type)
{
    private ObjectPlan? _plan;

    public int Id { get; } = id;

    public Type Type { get; } = type;

    /// <summary>The plan for objects of the type; set by the first thread that needs it.</summary>
    public ObjectPlan? Plan
    {
        get => Volatile.Read(ref _plan); // SYNC: plan published
        set => Volatile.Write(ref _plan, value); // SYNC: plan published
    }
}

/// <summary>The sender's entry for a delegate type combined with a method.</summary>
/// <param name="Id">The number of the entry.</param>
/// <param name="Target">The kind of object that the delegate is bound to.</param>
/// <param name="Part">The part of that object, a closure, that travels; null if the object travels whole.</param>
/// <param name="IsCollectible">Whether the delegate's code can be unloaded.</param>
internal sealed record DelegateEntry(int Id, TargetKind Target, ClosurePart? Part, bool IsCollectible);

/// <summary>The key of a <see cref="DelegateEntry"/>: everything that identifies a delegate except for the target object.</summary>
internal sealed record BoundMethod(Type Delegate, MethodInfo Method, TargetKind Target);

/// <summary>The delegate without a target object that was written last.</summary>
internal sealed record LastDelegate(Delegate Value, DelegateEntry Entry);
