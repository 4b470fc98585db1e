using Samovar.Serialization.Singletons;

namespace Samovar.Serialization.Wire;

/// <summary>How objects of one type are written and read; shared by all connections with the same codecs, safe for any thread.</summary>
internal abstract class ObjectPlan(Type type)
{
    /// <summary>The type that the message names.</summary>
    public Type Type { get; } = type;

    /// <summary>Which objects of the type travel as the static field that holds them; null where there is no such field.</summary>
    public NamedObjects? Named { get; protected init; }

    public abstract PlanShape Shape { get; }

    /// <summary>Whether objects of the type cannot travel: writing one throws.</summary>
    public virtual bool IsRefused => false;

    /// <summary>Fewest bytes that <see cref="WriteBody"/> writes.</summary>
    public virtual int LeastBodyBytes => 0;

    /// <summary>Whether an object read by this plan may fit a location of the type; a first check before anything is read.</summary>
    public virtual bool Produces(Type target) => target.IsAssignableFrom(Type);

    /// <summary>Writes what is needed to create the object, at the place of the first reference to it.</summary>
    public abstract void WriteShell(GraphWriter writer, object value);

    /// <summary>Creates the object.</summary>
    public abstract object ReadShell(GraphReader reader);

    /// <summary>Writes the rest.</summary>
    public virtual void WriteBody(GraphWriter writer, object value)
    {
    }

    /// <summary>Fills the object with the rest.</summary>
    public virtual void ReadBody(GraphReader reader, object value)
    {
    }

    /// <summary>Ends what <see cref="ReadBody"/> left to <see cref="GraphReader.FinishLater"/>.</summary>
    public virtual void Finish(GraphReader reader, object value, object state)
    {
    }
}

/// <summary>When the parts of an object are written.</summary>
internal enum PlanShape
{
    /// <summary>The shell is all there is, and the object exists only after it was read.</summary>
    Whole = 0,

    /// <summary>The body follows the shell at once: it refers to nothing that could nest deeply.</summary>
    Inline = 1,

    /// <summary>The body waits on the stack of the message.</summary>
    Deferred = 2,
}
