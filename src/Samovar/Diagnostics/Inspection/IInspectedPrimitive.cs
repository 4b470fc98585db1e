namespace Samovar.Diagnostics.Inspection;

/// <summary>A queue, a lock or another object for coordination, from the point of view of an observer.</summary>
internal interface IInspectedPrimitive
{
    /// <summary>Returns what the object is like now. May be called on any thread; takes no lock that is held for long.</summary>
    PrimitiveActivity CapturePrimitive();
}
