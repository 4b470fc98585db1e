namespace Samovar.Serialization;

/// <summary>Names the <see cref="PayloadCodec{T}"/> or <see cref="LiveCodec{T}"/> that carries the type.</summary>
/// <remarks>
/// The codec needs a constructor without parameters. For a generic type give the open codec, <c>typeof(BoxCodec&lt;&gt;)</c>:
/// it is closed over the same type arguments.
/// </remarks>
/// <param name="codec">The codec's type.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = true)]
public sealed class ShipWithAttribute(Type codec) : Attribute
{
    /// <summary>The codec's type.</summary>
    public Type Codec { get; } = codec;
}
