namespace Samovar.Serialization.Definitions;

/// <summary>The types that both sides know from the start. A type's number is its index in the list.</summary>
internal static class WellKnownTypes
{
    public static readonly Type[] All =
    [
        typeof(object), typeof(string), typeof(bool), typeof(char), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int),
        typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal), typeof(Half), typeof(Int128), typeof(UInt128),
        typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly), typeof(Guid), typeof(Type),
        typeof(Version), typeof(object[]), typeof(string[]), typeof(int[]), typeof(byte[]), typeof(double[]), typeof(long[]), typeof(List<>),
        typeof(Dictionary<,>), typeof(HashSet<>), typeof(Nullable<>), typeof(KeyValuePair<,>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>),
        typeof(Tuple<,>), typeof(Action), typeof(Action<>), typeof(Action<,>), typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Func<,,,>),
        typeof(StringComparer), typeof(EqualityComparer<>), typeof(Comparer<>), typeof(Exception), typeof(RemoteException), typeof(CancellationToken),
    ];
}
