using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Singletons;

/// <summary>
/// The objects of one type that have a name: a <c>static readonly</c> field of the type, or of a base, holds them. They travel as that
/// field, so that they are the same object on the other side: the values of hand-written enumerations, <c>Empty</c>, <c>Instance</c>.
/// </summary>
/// <remarks>
/// The fields are read when an object of the type is written, not before, as that runs the type's static constructor. Objects whose state
/// changes are copied as all others, since the object that the field holds in the other process would not have that state; those of a type
/// that makes all its objects itself are told apart by who they are, and count as fixed whatever their fields say. Safe for any thread.
/// </remarks>
internal sealed class NamedObjects
{
    private const int Linear = 8; // up to here a search in line beats hashing

    // Two threads that read further fields at once find the same.
    private volatile State _state; // SYNC: names published

    private NamedObjects(List<FieldInfo> fields) => _state = new State([], null, fields);

    /// <summary>The named objects of a type; null where no field can hold one.</summary>
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

    /// <summary>Whether the field is one of those that name an object: static, read-only, of the type that declares it or a derived one.</summary>
    public static bool CanHold(FieldInfo field) => field is { IsStatic: true, IsInitOnly: true, IsLiteral: false, DeclaringType: { IsClass: true } owner }
        && field.FieldType.IsAssignableTo(owner) && !owner.ContainsGenericParameters
        && !owner.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && !field.IsDefined(typeof(ThreadStaticAttribute), inherit: false);

    /// <summary>The field that holds the object; null if none does.</summary>
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

    // A field that is null is looked at again: its type's static constructor may be what is running on this thread.
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
            failed = true; // no object is in the field, now or later: whatever objects there are travel as copies
            return null;
        }
    }

    // A hand-written enumeration: several objects, and no way for others to make one.
    private static bool MakesAllItsObjects(Type type) =>
        (type.IsAbstract || type.GetConstructors(BindingFlags.Instance | BindingFlags.Public).Length == 0)
        && Array.FindAll(type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly), CanHold).Length > 1;

    private sealed record State((object Value, FieldInfo Field)[] Known, Dictionary<object, FieldInfo>? Hashed, List<FieldInfo> Unread);
}
