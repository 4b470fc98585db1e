using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Samovar.Cli.Map.Methods;

/// <summary>Refuses to write values that JSON would write incompletely or as <c>{}</c>, if the declared type does not reveal it.</summary>
/// <remarks>A value that is written by its run-time type gets this converter, which throws. A collection is written by its declared type, so its
/// run-time type is checked when it is written.</remarks>
internal sealed class UnwritableTypes : JsonConverterFactory
{
    private static readonly ConcurrentDictionary<Type, string?> s_reasons = new();

    public override bool CanConvert(Type typeToConvert) =>
        !typeToConvert.IsPointer && !typeToConvert.IsByRefLike && !typeToConvert.IsDefined(typeof(JsonConverterAttribute), inherit: false)
        && Reason(typeToConvert) is not null;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    /// <summary>Adds a run-time type check to the contract of a collection, and a refusal to that of an object with state but no members.</summary>
    public static void AddChecks(JsonTypeInfo info)
    {
        if (info.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary && !info.Type.IsSealed)
        {
            info.OnSerializing += static value =>
            {
                if (Reason(value.GetType()) is { } reason) throw new UnwritableResultException(value.GetType(), reason);
            };
        }
        else if (ResultTypes.IsOpaque(info))
        {
            info.OnSerializing += static value => throw new UnwritableResultException(value.GetType(), ResultTypes.Opaque);
        }
    }

    private static string? Reason(Type type) => s_reasons.GetOrAdd(type, ResultTypes.OwnReason);

    private sealed class Converter<T> : JsonConverter<T>
        where T : notnull
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException($"This converter refuses to write {typeof(T)} values; it cannot read them either.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            throw new UnwritableResultException(typeof(T), Reason(typeof(T))!);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => Write(writer, value, options);
    }
}
