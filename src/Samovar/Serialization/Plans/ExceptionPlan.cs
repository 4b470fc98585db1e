using System.Collections;
using System.Collections.Specialized;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Samovar.Primitives;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>Exceptions as their own type: message, cause, data, HResult, the fields of derived classes, and the stack trace as text.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ExceptionPlan(Type type, PlanTable plans) : ObjectPlan(type)
{
    private readonly Lazy<FieldSet> _ownFields = new(() => FieldSet.Of(type, typeof(Exception), plans));
    private readonly SlotPlan<object?> _item = (SlotPlan<object?>)plans.SlotFor(typeof(object));

    public override PlanShape Shape => PlanShape.Deferred;

    public override int LeastBodyBytes => 10 + _ownFields.Value.LeastBytes;

    public override void WriteShell(GraphWriter writer, object value)
    {
    }

    public override object ReadShell(GraphReader reader)
    {
        object exception = RuntimeHelpers.GetUninitializedObject(Type);
        Accessor.Construct((Exception)exception);
        return exception;
    }

    public override void WriteBody(GraphWriter writer, object value)
    {
        var exception = (Exception)value;
        writer.WriteString(Accessor.MessageOf(exception));
        writer.WriteString(Accessor.SourceOf(exception));
        writer.WriteString(Accessor.HelpOf(exception));
        writer.WriteRaw(exception.HResult);
        writer.WriteString(RemoteException.Text(exception, static e => e.StackTrace));
        writer.WriteReference(exception.InnerException, null, typeof(Exception));
        var data = Accessor.DataOf(exception);
        writer.WriteCount(exception, data?.Count ?? 0);
        if (data is not null)
        {
            foreach (DictionaryEntry entry in data)
            {
                _item.Write(writer, entry.Key);
                _item.Write(writer, entry.Value);
            }
        }

        _ownFields.Value.Write(writer, value);
    }

    public override void ReadBody(GraphReader reader, object value)
    {
        var exception = (Exception)value;
        Accessor.MessageOf(exception) = reader.ReadString();
        Accessor.SourceOf(exception) = reader.ReadString();
        Accessor.HelpOf(exception) = reader.ReadString();
        exception.HResult = reader.ReadRaw<int>();
        if (reader.ReadString() is { Length: > 0 } stack) ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
        Accessor.InnerOf(exception) = reader.ReadReference<Exception>(null);
        int count = reader.ReadCount(2);
        if (count > 0)
        {
            var entries = new List<(object, object?)>();
            reader.FinishLater(this, exception, entries);
            for (int i = 0; i < count; i++)
                entries.Add((_item.Read(reader) ?? throw reader.Bad("A key of an exception's Data is null"), _item.Read(reader)));
        }

        _ownFields.Value.Read(reader, value);
    }

    public override void Finish(GraphReader reader, object value, object state)
    {
        var exception = (Exception)value;
        var data = new ListDictionary();
        foreach (var (key, item) in (List<(object, object?)>)state)
        {
            KeyGuard.Check(reader, key, comparer: null);
            data[key] = item;
        }

        Accessor.DataOf(exception) = data;
    }

    private static class Accessor
    {
        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
        public static extern void Construct(Exception exception);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
        public static extern ref string? MessageOf(Exception exception);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_source")]
        public static extern ref string? SourceOf(Exception exception);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_helpURL")]
        public static extern ref string? HelpOf(Exception exception);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
        public static extern ref Exception? InnerOf(Exception exception);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_data")]
        public static extern ref IDictionary? DataOf(Exception exception);
    }
}
