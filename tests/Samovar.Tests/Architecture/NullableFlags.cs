using System.Collections.ObjectModel;
using System.Reflection;

namespace Samovar.Tests.Architecture;

/// <summary>
/// The nullable annotations of one type as the compiler wrote them, taken one after the other. Unlike NullabilityInfoContext
/// it distinguishes <c>T?</c> from <c>T</c>. Source: Roslyn, docs/features/nullable-metadata.md.
/// </summary>
internal sealed class NullableFlags
{
    private const byte Annotated = 2;

    private readonly byte[] _each = [];
    private readonly byte _all;
    private int _taken;

    /// <summary>Reads the flags of a member or parameter.</summary>
    /// <param name="attributes">Its own attributes.</param>
    /// <param name="context">What it belongs to: the first around it with a default gives the default.</param>
    public NullableFlags(IEnumerable<CustomAttributeData> attributes, MemberInfo? context)
    {
        switch (Argument(attributes, "NullableAttribute"))
        {
            case byte all:
                _all = all;
                break;
            case ReadOnlyCollection<CustomAttributeTypedArgument> each:
                _each = [.. each.Select(flag => (byte)flag.Value!)];
                break;
            default:
                _all = Default(context);
                break;
        }
    }

    private NullableFlags()
    {
    }

    public static NullableFlags None => new();

    /// <summary>Takes the next flag; true when a '?' was written.</summary>
    public bool TakeNullable() => (_each.Length == 0 ? _all : _each[_taken++]) == Annotated;

    /// <summary>The flag of a type parameter: 1 is "notnull" or "class", 2 is unconstrained or "class?".</summary>
    public static byte OfParameter(Type parameter) =>
        Argument(parameter.GetCustomAttributesData(), "NullableAttribute") as byte?
        ?? Default(parameter.DeclaringMethod ?? (MemberInfo?)parameter.DeclaringType);

    private static byte Default(MemberInfo? context)
    {
        for (; context is not null; context = context.DeclaringType)
        {
            if (Argument(context.GetCustomAttributesData(), "NullableContextAttribute") is byte flag) return flag;
        }

        return 0;
    }

    private static object? Argument(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name)?.ConstructorArguments[0].Value;
}
