using System.Buffers;
using System.Runtime.CompilerServices;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Objects that a user's codec serializes: a length, followed by the codec's bytes.</summary>
internal sealed class CodecPlan(PayloadCodec codec) : ObjectPlan(codec.Type)
{
    public override PlanShape Shape => PlanShape.Whole;

    public override bool Produces(Type target) => target.IsAssignableFrom(Type) || Type.IsAssignableFrom(target);

    public override void WriteShell(GraphWriter writer, object value) => CodecBytes.Write(writer, codec, value);

    public override object ReadShell(GraphReader reader) => CodecBytes.Read(reader, codec);
}

/// <summary>Values that a user's codec serializes.</summary>
internal sealed class CodecValueSlot<T>(PayloadCodec codec) : SlotPlan<T>
    where T : struct
{
    public override int LeastBytes => 1;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, T value) => CodecBytes.Write(writer, codec, value);

    public override T Read(GraphReader reader) => (T)CodecBytes.Read(reader, codec);
}

/// <summary>Locations whose static type has a codec, so that the location determines the codec.</summary>
internal sealed class CodecReferenceSlot<T>(PayloadCodec codec, PlanTable plans) : SlotPlan<T?>
    where T : class
{
    private readonly CodecPlan _plan = (CodecPlan)plans.PlanFor(codec.Type);

    public override int LeastBytes => 1;

    public override bool IsComplete => true;

    public override void Write(GraphWriter writer, T? value)
    {
        if (value is null) writer.WriteByte(GraphWriter.NullReference);
        else writer.WriteReferenceAs(value, _plan);
    }

    public override T? Read(GraphReader reader) => reader.ReadReference<T>(_plan);
}

/// <summary>Calls codecs, and converts their exceptions to errors that name the codec.</summary>
internal static class CodecBytes
{
    [ThreadStatic]
    private static bool t_hasRead;

    /// <summary>Returns whether a codec has read a value on this thread since the last call, and resets the answer. A codec is user code, which
    /// may have changed the state of the thread.</summary>
    public static bool TakeHasRead()
    {
        bool hasRead = t_hasRead;
        if (hasRead) t_hasRead = false;
        return hasRead;
    }

    public static void Write(GraphWriter writer, PayloadCodec codec, object value)
    {
        var bytes = new ArrayBufferWriter<byte>();
        try
        {
            codec.WriteBoxed(value, bytes, writer.Connector);
        }
        catch (Exception e) when (e is not (UnsupportedValueException or OutOfMemoryException)) // exhausted memory is not an error in the value
        {
            throw new UnsupportedValueException(value, $"could not be written by {codec.GetType()}: {e.Message}", e);
        }

        writer.WriteCount(value, bytes.WrittenCount);
        writer.WriteBytes(bytes.WrittenSpan);
    }

    // Not inlined: a worker recognizes by this stack frame that a codec is running, not an initializer.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static object Read(GraphReader reader, PayloadCodec codec)
    {
        int length = reader.ReadCount(1);
        var payload = reader.ReadBytes(length);
        object? value;
        t_hasRead = true;
        try
        {
            value = codec.ReadBoxed(payload, reader.Connector);
        }
        catch (Exception e) when (e is not (ShippingException or OutOfMemoryException)) // exhausted memory is not an error in the bytes
        {
            throw reader.Bad($"{codec.GetType()} could not read {length:N0} bytes: {e.Message}", e);
        }

        return codec.Type.IsInstanceOfType(value) ? value!
            : throw reader.Bad($"{codec.GetType()} returned {value?.GetType().ToString() ?? "null"} instead of a {codec.Type}");
    }
}
