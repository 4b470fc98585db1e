using System.Reflection;
using System.Reflection.Emit;

namespace Samovar.Tests.Architecture;

/// <summary>Finds the types that a compiled type uses: in its signature, its attributes and its instructions.</summary>
internal static class CompiledUses
{
    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The types that <paramref name="type"/> uses, each with the member in which it does.</summary>
    public static IEnumerable<(Type Used, string Where)> Of(Type type)
    {
        // Closures and state machines are counted with the type whose source they come from.
        Type owner = type;
        while (owner.Name.StartsWith('<') && owner.DeclaringType is { } outer) owner = outer;
        string name = owner.Name;

        foreach (Type used in Signature(type)) yield return (used, name);

        foreach (FieldInfo field in type.GetFields(SourceFolders.AllDeclared))
        {
            foreach (Type used in Parts(field.FieldType).Concat(Attributes(field))) yield return (used, $"{name}.{field.Name}");
        }

        foreach (MemberInfo member in (MemberInfo[])[.. type.GetProperties(SourceFolders.AllDeclared), .. type.GetEvents(SourceFolders.AllDeclared)])
        {
            foreach (Type used in Attributes(member)) yield return (used, $"{name}.{member.Name}");
        }

        foreach (MethodBase method in (MethodBase[])[.. type.GetMethods(SourceFolders.AllDeclared), .. type.GetConstructors(SourceFolders.AllDeclared)])
        {
            foreach (Type used in Signature(method).Concat(Body(method))) yield return (used, $"{name}.{method.Name}");
        }
    }

    private static IEnumerable<Type> Signature(Type type) =>
        [.. Parts(type.BaseType), .. type.GetInterfaces().SelectMany(Parts), .. Constraints(type.GetGenericArguments()), .. Attributes(type)];

    private static IEnumerable<Type> Signature(MethodBase method) =>
    [
        .. method is MethodInfo info ? Parts(info.ReturnType) : [],
        .. method.GetParameters().SelectMany(parameter =>
            Parts(parameter.ParameterType).Concat(parameter.GetCustomAttributesData().SelectMany(Parts))),
        .. method.IsGenericMethod ? Constraints(method.GetGenericArguments()) : [],
        .. Attributes(method),
    ];

    private static IEnumerable<Type> Constraints(Type[] arguments) =>
        arguments.Where(argument => argument.IsGenericParameter)
            .SelectMany(argument => argument.GetGenericParameterConstraints()).SelectMany(Parts);

    private static IEnumerable<Type> Attributes(MemberInfo member) => member.GetCustomAttributesData().SelectMany(Parts);

    private static IEnumerable<Type> Parts(CustomAttributeData attribute) =>
        Parts(attribute.AttributeType)
            .Concat(attribute.ConstructorArguments.Select(argument => argument.Value).OfType<Type>().SelectMany(Parts));

    private static IEnumerable<Type> Parts(Type? type)
    {
        if (type is null || type.IsGenericParameter) return [];
        if (type.HasElementType) return Parts(type.GetElementType());
        if (type.IsGenericType && !type.IsGenericTypeDefinition)
            return [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)];
        return [type];
    }

    private static IEnumerable<Type> Body(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body) return [];

        return
        [
            .. body.LocalVariables.SelectMany(local => Parts(local.LocalType)),
            .. body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
                .SelectMany(clause => Parts(clause.CatchType)),
            .. Operands(method, body.GetILAsByteArray() ?? []),
        ];
    }

    private static IEnumerable<Type> Operands(MethodBase method, byte[] code)
    {
        Type[]? ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;

        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE) value = (short)((value << 8) | code[at++]);

            OpCode operation = s_codes[value];
            if (operation.OperandType
                is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                MemberInfo member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
                foreach (Type used in Parts(member as Type ?? member.DeclaringType)) yield return used;
                if (member is MethodInfo { IsGenericMethod: true } generic)
                {
                    foreach (Type used in generic.GetGenericArguments().SelectMany(Parts)) yield return used;
                }
            }

            at += Size(operation.OperandType, code, at);
        }
    }

    private static int Size(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}
