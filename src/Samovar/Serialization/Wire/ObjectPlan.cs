using Samovar.Serialization.Singletons;

namespace Samovar.Serialization.Wire;

/// <summary>Writes and reads objects of one type. Shared by all connections with the same codecs; safe for any thread.</summary>
internal abstract class ObjectPlan(Type type)
{
    /// <summary>The type that appears in the message.</summary>
    public Type Type { get; } = type;

    /// <summary>The objects of the type that travel as a reference to a static field; null if there is no such field.</summary>
    public NamedObjects? Named { get; protected init; }

    public abstract PlanShape Shape { get; }

    /// <summary>Whether objects of the type cannot travel: writing one throws.</summary>
    public virtual bool IsRefused => false;

    /// <summary>The minimum number of bytes that <see cref="WriteBody"/> writes.</summary>
    public virtual int LeastBodyBytes => 0;

    /// <summary>Whether an object that this plan reads can fit a location of the given type; a first check, before the object is read.</summary>
    public virtual bool Produces(Type target) => target.IsAssignableFrom(Type);

    /// <summary>Writes the data that is needed to create the object, at the first reference to it.</summary>
    public abstract void WriteShell(GraphWriter writer, object value);

    /// <summary>Creates the object.</summary>
    public abstract object ReadShell(GraphReader reader);

    /// <summary>Writes the rest of the object.</summary>
    public virtual void WriteBody(GraphWriter writer, object value)
    {
    }

    /// <summary>Reads the rest into the object.</summary>
    public virtual void ReadBody(GraphReader reader, object value)
    {
    }

    /// <summary>Completes an object that <see cref="ReadBody"/> passed to <see cref="GraphReader.FinishLater"/>.</summary>
    public virtual void Finish(GraphReader reader, object value, object state)
    {
    }
}

/// <summary>The order in which the parts of an object are written.</summary>
internal enum PlanShape
{
    /// <summary>There is only a shell, and the object does not exist before the shell has been read.</summary>
    Whole = 0,

    /// <summary>The body directly follows the shell, because it cannot nest deeply.</summary>
    Inline = 1,

    /// <summary>The body is deferred to the stack of the message.</summary>
    Deferred = 2,
}
