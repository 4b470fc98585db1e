using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Primitives;

namespace Samovar.Serialization.Singletons;

/// <summary>
/// The named objects of one type: those in a <c>static readonly</c> field of the type or of a base type. They travel as a reference to that
/// field, so that the other side gets its own object in the same field: values of hand-written enumerations, <c>Empty</c>, <c>Instance</c>.
/// </summary>
/// <remarks>
/// The fields are read when an object of the type is written, not earlier, because reading them runs the type's static constructor. A mutable
/// object is copied like any other, because the object in the field of the other process would not have its state. The objects of a type that
/// creates all its objects itself are compared by identity, so they count as immutable whatever their fields are. Safe for any thread.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NamedObjects
{
    private const int Linear = 8; // up to this count a linear search is faster than hashing

    // Two threads that read further fields concurrently find the same objects.
    private volatile State _state; // SYNC: names published

    private NamedObjects(List<FieldInfo> fields) => _state = new State([], null, fields);

    /// <summary>Returns the named objects of a type; null if no field can hold one.</summary>
    public static NamedObjects? Of(Type type)
    {
        List<FieldInfo>? fields = null;
        for (var t = type; t is not null && t != typeof(object); t = t.BaseType)
        {
            foreach (var field in t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (CanHold(field) && field.FieldType.IsAssignableFrom(type)) (fields ??= []).Add(field);
            }
        }

        return fields is null ? null : new NamedObjects(fields);
    }

    /// <summary>Whether a field can name an object: static, read-only, and of the declaring type or a type derived from it.</summary>
    public static bool CanHold(FieldInfo field) => field is { IsStatic: true, IsInitOnly: true, IsLiteral: false, DeclaringType: { IsClass: true } owner }
        && field.FieldType.IsAssignableTo(owner) && !owner.ContainsGenericParameters
        && !owner.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && !field.IsDefined(typeof(ThreadStaticAttribute), inherit: false);

    /// <summary>Returns the field that holds the object; null if no field does.</summary>
    public FieldInfo? FieldOf(object value)
    {
        var state = _state; // SYNC: names published
        if (state.Unread.Count > 0) _state = state = Read(state); // SYNC: names published
        if (state.Hashed is not null) return state.Hashed.GetValueOrDefault(value);
        foreach (var (known, field) in state.Known)
        {
            if (ReferenceEquals(known, value)) return field;
        }

        return null;
    }

    // A field that is null is read again later: its type's static constructor may be running on this thread right now.
    private static State Read(State state)
    {
        List<(object, FieldInfo)> known = [.. state.Known];
        List<FieldInfo> unread = [];
        foreach (var field in state.Unread)
        {
            if (ValueOf(field, out bool failed) is not { } value)
            {
                if (!failed) unread.Add(field);
            }
            else if (MakesAllItsObjects(field.DeclaringType!) || FixedState.Is(value))
            {
                known.Add((value, field));
            }
        }

        Dictionary<object, FieldInfo>? hashed = null;
        if (known.Count > Linear)
        {
            hashed = new Dictionary<object, FieldInfo>(ReferenceEqualityComparer.Instance);
            foreach (var (value, field) in known) hashed.TryAdd(value, field);
        }

        return new State([.. known], hashed, unread);
    }

    private static object? ValueOf(FieldInfo field, out bool failed)
    {
        failed = false;
        try
        {
            return field.GetValue(null);
        }
        catch (TargetInvocationException e) when (e.InnerException is TypeInitializationException)
        {
            failed = true; // the field will never hold an object: all objects of the type are copied
            return null;
        }
    }

    // A hand-written enumeration: several objects, and no public way to create another.
    private static bool MakesAllItsObjects(Type type) =>
        (type.IsAbstract || type.GetConstructors(BindingFlags.Instance | BindingFlags.Public).Length == 0)
        && Array.FindAll(type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly), CanHold).Length > 1;

    private sealed record State((object Value, FieldInfo Field)[] Known, Dictionary<object, FieldInfo>? Hashed, List<FieldInfo> Unread);
}
