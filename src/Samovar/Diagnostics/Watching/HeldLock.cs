using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching;

/// <summary>An object for coordination that no other caller can enter, and for how long at least the same holders have held it.</summary>
/// <param name="Primitive">The object.</param>
/// <param name="For">The time since it was seen with these holders first.</param>
internal sealed record HeldLock(PrimitiveActivity Primitive, TimeSpan For);
