using System.Diagnostics.CodeAnalysis;

namespace Samovar.Serialization;

/// <summary>Specifies the <see cref="PayloadCodec{T}"/> or <see cref="LiveCodec{T}"/> that serializes a type.</summary>
/// <remarks>
/// The codec needs a parameterless constructor, which can be private. For a generic type, specify the open codec type,
/// <c>typeof(BoxCodec&lt;&gt;)</c>; it is closed over the same type arguments.
/// </remarks>
/// <param name="codec">The type of the codec.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = true)]
public sealed class ShipWithAttribute([DynamicallyAccessedMembers(ShipWithAttribute.Constructors)] Type codec) : Attribute
{
    private const DynamicallyAccessedMemberTypes Constructors =
        DynamicallyAccessedMemberTypes.PublicParameterlessConstructor | DynamicallyAccessedMemberTypes.NonPublicConstructors;

    /// <summary>Gets the type of the codec.</summary>
    [DynamicallyAccessedMembers(Constructors)]
    public Type Codec { get; } = codec;
}
