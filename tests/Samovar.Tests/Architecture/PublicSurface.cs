using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Samovar.Tests.Architecture;

/// <summary>
/// Writes what the users of an assembly can see, one declaration a line: types in order of their names, their members indented
/// below them in order.
/// </summary>
internal static class PublicSurface
{
    public static string Of(IEnumerable<Type> types)
    {
        var lines = new List<string>();
        foreach (Type type in types.Where(IsSpoken)
            .OrderBy(type => type.Namespace, StringComparer.Ordinal).ThenBy(TypeNames.Of, StringComparer.Ordinal))
        {
            lines.Add($"{type.Namespace}: {Declaration(type)}");
            if (typeof(MulticastDelegate).IsAssignableFrom(type)) continue;
            lines.AddRange(Members(type).Select(line => $"    {line}"));
        }

        return string.Join('\n', lines) + "\n";
    }

    // Names that start with '<' are the compiler's.
    private static bool IsSpoken(MemberInfo member) => !member.Name.Contains('<', StringComparison.Ordinal);

    private static string Declaration(Type type)
    {
        if (typeof(MulticastDelegate).IsAssignableFrom(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            string returned = Reference(invoke.ReturnParameter) + TypeNames.Of(invoke.ReturnParameter);
            return $"{Marks(type)}delegate {returned} {TypeNames.Of(type)}({Parameters(invoke)}){Constraints(type.GetGenericArguments())}";
        }

        bool record = type.GetMethod("<Clone>$") is not null
            || (type.IsValueType && type.GetMethod("PrintMembers", SourceFolders.AllDeclared) is not null);
        string word = record ? "record " : "";
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } =>
                (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + word + "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (record ? "record" : "class"),
        };
        string[] bases = [.. Bases(type).Select(TypeNames.Of)];
        string inherits = bases.Length > 0 ? $" : {string.Join(", ", bases)}" : "";
        return $"{Marks(type)}{kind} {TypeNames.Of(type)}{inherits}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<Type> Bases(Type type)
    {
        if (type.IsEnum) return Enum.GetUnderlyingType(type) is var underlying && underlying != typeof(int) ? [underlying] : [];

        Type? parent = type.BaseType == typeof(object) || type.BaseType == typeof(ValueType) ? null : type.BaseType;
        Type[] all = type.GetInterfaces();
        IEnumerable<Type> own = all.Where(i => i.IsVisible)
            .Except(parent?.GetInterfaces() ?? [])
            .Except(all.SelectMany(i => i.GetInterfaces()))
            .OrderBy(TypeNames.Of, StringComparer.Ordinal);
        return parent is null ? own : own.Prepend(parent);
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .OrderBy(field => Convert.ToDecimal(field.GetRawConstantValue(), CultureInfo.InvariantCulture))
                .Select(field => $"{field.Name} = {field.GetRawConstantValue()}");
        }

        string[] members =
        [
            .. type.GetConstructors(SourceFolders.AllDeclared).Where(c => !c.IsStatic && IsVisible(c))
                .Select(c => $"{Modifiers(c)}{type.Name.Split('`')[0]}({Parameters(c)})"),
            .. type.GetFields(SourceFolders.AllDeclared)
                .Where(f => IsSpoken(f) && (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly)).Select(Field),
            .. type.GetProperties(SourceFolders.AllDeclared)
                .Where(p => IsSpoken(p) && p.GetAccessors(nonPublic: true).Any(IsVisible) && !IsSynthesized(p)).Select(Property),
            .. type.GetEvents(SourceFolders.AllDeclared).Where(e => IsSpoken(e) && IsVisible(e.AddMethod!))
                .Select(e => $"{Marks(e)}{Modifiers(e.AddMethod!)}event {TypeNames.Of(e)} {e.Name}"),
            .. type.GetMethods(SourceFolders.AllDeclared)
                .Where(m => IsSpoken(m) && IsVisible(m) && IsMethod(m) && !IsSynthesized(m)).Select(Method),
        ];
        return members.Order(StringComparer.Ordinal);
    }

    private static bool IsVisible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    // Accessors are told by their property or event; operators have special names too, and are methods.
    private static bool IsMethod(MethodInfo method) => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal);

    // What the compiler writes for records, and overrides of object's methods, say nothing that the declaration does not.
    private static bool IsSynthesized(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute))
        || (member is PropertyInfo { Name: "EqualityContract" })
        || (member is MethodInfo method && method.GetBaseDefinition().DeclaringType is var origin
            && (origin == typeof(object) || origin == typeof(ValueType)) && method.DeclaringType != origin);

    private static string Field(FieldInfo field)
    {
        string access = field.IsPublic ? "" : "protected ";
        return field.IsLiteral
            ? $"{Marks(field)}{access}const {TypeNames.Of(field)} {field.Name} = {Literal(field.GetRawConstantValue(), field.FieldType)}"
            : $"{Marks(field)}{access}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeNames.Of(field)} {field.Name}";
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo widest = property.GetAccessors(nonPublic: true).Where(IsVisible).MinBy(accessor => accessor.IsPublic ? 0 : 1)!;
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length > 0 ? $"this[{Parameters(index)}]" : property.Name;
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string accessors = Accessor(property.GetMethod, "get") + Accessor(property.SetMethod, "set");
        return $"{Marks(property)}{Modifiers(widest)}{required}{TypeNames.Of(property)} {name} {{ {accessors}}}";

        string Accessor(MethodInfo? accessor, string keyword)
        {
            if (accessor is null || !IsVisible(accessor)) return "";
            bool init = accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            return $"{(accessor.IsPublic == widest.IsPublic ? "" : "protected ")}{(init ? "init" : keyword)}; ";
        }
    }

    private static string Method(MethodInfo method)
    {
        string type = $"{Reference(method.ReturnParameter)}{TypeNames.Of(method.ReturnParameter)}";
        Type[] arguments = method.GetGenericArguments();
        string generic = arguments.Length > 0 ? $"<{string.Join(", ", arguments.Select(a => a.Name))}>" : "";
        string name = method.Name switch
        {
            "op_Implicit" => $"implicit operator {type}",
            "op_Explicit" => $"explicit operator {type}",
            ['o', 'p', '_', .. var op] => $"{type} operator {op}",
            _ => $"{type} {method.Name}",
        };
        return $"{Marks(method)}{Modifiers(method)}{name}{generic}({Parameters(method)}){(method.GetBaseDefinition() == method ? Constraints(arguments) : "")}";
    }

    private static string Modifiers(MethodBase method)
    {
        string access = method.IsPublic ? "" : "protected ";
        if (method.DeclaringType!.IsInterface) return method.IsStatic ? method.IsAbstract ? "static abstract " : "static " : "";
        if (method.IsStatic) return access + "static ";
        bool overrides = method is MethodInfo info && info.GetBaseDefinition() != info;
        return access + (method switch
        {
            { IsAbstract: true } => overrides ? "abstract override " : "abstract ",
            { IsVirtual: true, IsFinal: true } => overrides ? "sealed override " : "",
            { IsVirtual: true } => overrides ? "override " : "virtual ",
            _ => "",
        });
    }

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
        (parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "")
        + (parameter.IsDefined(typeof(ScopedRefAttribute)) ? "scoped " : "")
        + Reference(parameter) + $"{TypeNames.Of(parameter)} {parameter.Name}"
        + (parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue, parameter.ParameterType)}" : "")));

    private static string Reference(ParameterInfo parameter) => parameter switch
    {
        { ParameterType.IsByRef: false } => "",
        { IsOut: true } => "out ",
        _ when parameter.IsDefined(typeof(IsReadOnlyAttribute)) => parameter.Position < 0 ? "ref readonly " : "in ",
        _ => "ref ",
    };

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(a => a.IsGenericParameter).Select(argument =>
    {
        GenericParameterAttributes flags = argument.GenericParameterAttributes;
        bool unmanaged = argument.CustomAttributes.Any(a => a.AttributeType.Name == "IsUnmanagedAttribute");
        bool value = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        byte nullable = NullableFlags.OfParameter(argument);
        bool reference = flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint);
        Type[] types = [.. argument.GetGenericParameterConstraints().Where(t => t != typeof(ValueType))];
        string[] constraints =
        [
            .. !reference && !value && types.Length == 0 && nullable == 1 ? ["notnull"] : (string[])[],
            .. reference ? [nullable == 2 ? "class?" : "class"] : (string[])[],
            .. value ? [unmanaged ? "unmanaged" : "struct"] : (string[])[],
            .. types.Select(TypeNames.Of),
            .. flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !value ? ["new()"] : (string[])[],
            .. flags.HasFlag(GenericParameterAttributes.AllowByRefLike) ? ["allows ref struct"] : (string[])[],
        ];
        return constraints.Length > 0 ? $" where {argument.Name} : {string.Join(", ", constraints)}" : "";
    }));

    private static string Marks(MemberInfo member) =>
        (IsObsolete(member) ? "[Obsolete] " : "")
        + (member.IsDefined(typeof(FlagsAttribute)) ? "[Flags] " : "")
        + (member.CustomAttributes.Any(a => a.AttributeType.Name == "ExperimentalAttribute") ? "[Experimental] " : "");

    // The compiler marks ref structs and constructors of types with required members obsolete, for older compilers' sake.
    private static bool IsObsolete(MemberInfo member) =>
        member.IsDefined(typeof(ObsoleteAttribute)) && !member.IsDefined(typeof(CompilerFeatureRequiredAttribute));

    private static string Literal(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        char letter => $"'{letter}'",
        _ when type.IsEnum => $"{TypeNames.Of(type)}.{Enum.ToObject(type, value)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
