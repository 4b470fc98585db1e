using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using Samovar.Primitives;
using Samovar.Serialization.Definitions;

namespace Samovar.Serialization.Wire;

/// <summary>The receiver's entry for a delegate type combined with a method; creates delegates. Safe for any thread.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class DelegateShape
{
    private const int UsesBeforeCompiling = 4;

    private readonly Type _type;
    private readonly MethodInfo _method;
    private Delegate? _single;
    private volatile Func<object, Delegate>? _factory; // a race compiles it twice, which is harmless
    private int _uses;

    private DelegateShape(Type type, MethodInfo method, TargetKind kind)
    {
        _type = type;
        _method = method;
        Kind = kind;
    }

    public TargetKind Kind { get; }

    public Type Type => _type;

    public MethodInfo Method => _method;

    public static DelegateShape Create(Type type, MethodInfo method, TargetKind kind)
    {
        if (!type.IsSubclassOf(typeof(MulticastDelegate)) || type.ContainsGenericParameters)
            throw new ShippingFormatException($"{type} is not a closed delegate type.");
        if (kind > TargetKind.Object || method.ContainsGenericParameters)
            throw new ShippingFormatException($"A delegate over {method} cannot be bound.");
        return new DelegateShape(type, method, kind);
    }

    /// <summary>The delegate of a method without a target object. Delegates are immutable, so all messages share it.</summary>
    public Delegate Single => Volatile.Read(ref _single) ?? MakeSingle(); // SYNC: single delegate published

    /// <summary>Creates a delegate that is bound to an object.</summary>
    public Delegate Bind(object target, PlanTable plans)
    {
        if (_factory is { } factory) // SYNC: factory published
            return factory(target);
        var bound = Delegate.CreateDelegate(_type, target, _method, throwOnBindFailure: false)
            ?? throw new ShippingFormatException($"{_type} does not fit {_method.DeclaringType}.{_method.Name} on a {target.GetType()}.");

        // A delegate over base.Method: CreateDelegate binds to the override, but the sender's delegate calls the base method.
        if (_method.IsVirtual && _method.DeclaringType is { IsInterface: false, IsValueType: false } && bound.Method.DeclaringType != _method.DeclaringType)
            return BindExactly(target, plans);

        // CreateDelegate has just checked the signature, so generated code only needs to check the target.
        if (!_method.IsStatic && !_method.IsVirtual && _method.DeclaringType is { IsValueType: false } && plans.CanCompile
            && Interlocked.Increment(ref _uses) >= UsesBeforeCompiling)
        {
            _factory = Compile(); // SYNC: factory published
        }

        return bound;
    }

    private Delegate BindExactly(object target, PlanTable plans)
    {
        if (!plans.CanCompile)
            return (Delegate)Activator.CreateInstance(_type, target, _method.MethodHandle.GetFunctionPointer())!;
        var made = Compile();
        _factory = made; // SYNC: factory published
        return made(target);
    }

    private Delegate MakeSingle()
    {
        Delegate? made;
        if (Kind == TargetKind.Singleton)
        {
            var field = DefinitionWriter.SingletonField(_method.DeclaringType!)
                ?? throw new ShippingFormatException($"{_method.DeclaringType} does not contain lambdas without captures.");
            made = Delegate.CreateDelegate(_type, field.GetValue(null), _method, throwOnBindFailure: false);
        }
        else
        {
            made = Delegate.CreateDelegate(_type, _method, throwOnBindFailure: false)
                ?? Delegate.CreateDelegate(_type, null, _method, throwOnBindFailure: false);
        }

        if (made is null) throw new ShippingFormatException($"{_type} does not fit {_method.DeclaringType}.{_method.Name}.");
        return Interlocked.CompareExchange(ref _single, made, null) ?? made; // SYNC: single delegate published
    }

    private Func<object, Delegate> Compile()
    {
        var method = new DynamicMethod("bind " + _method.Name, typeof(Delegate), [typeof(object), typeof(object)], typeof(DelegateShape).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, _method.DeclaringType!);
        il.Emit(OpCodes.Ldftn, _method);
        il.Emit(OpCodes.Newobj, _type.GetConstructor([typeof(object), typeof(nint)])!);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<object, Delegate>>(null);
    }
}
