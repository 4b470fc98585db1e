using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text;
using Samovar.Primitives;

namespace Samovar.Serialization.Closures;

/// <summary>Describes the code that a method runs, in a text that is the same in every build with the same code. Used once.</summary>
/// <remarks>
/// <list type="number">
/// <item>Methods of the same module are described by their bodies, in the order in which the walk reaches them, and referred to by their numbers. A static
/// constructor belongs to the members of its type.</item>
/// <item>If the code mentions a type other than by calling its static methods, for example creates an object of it, all methods of the type and of its
/// base types count: a virtual call may reach them.</item>
/// <item>Members that the compiler named are numbered too, because their names contain the positions of other code.</item>
/// <item>Members of other modules are described by their names and the version of their module: for assemblies of the framework the version of
/// the assembly, for others the module version, and those of the assemblies that they refer to.</item>
/// </list>
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("Trimming", "IL2070", Justification = CodeRequirements.KeptWhole)]
[UnconditionalSuppressMessage("Trimming", "IL2075", Justification = CodeRequirements.KeptWhole)]
internal sealed class CodeWalk(Module module)
{
    private const int MostMethods = 5000;
    private const int TwoBytes = 0xFE00;
    private const int Switch = 0x45;
    private const int LoadString = 0x72;
    private const int CallIndirectly = 0x29;
    private const BindingFlags Every = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly StringBuilder _text = new();
    private readonly Dictionary<int, int> _methods = []; // by token: the number of the method
    private readonly Dictionary<int, int> _unnamed = []; // by token: the number of a member that the compiler named
    private readonly HashSet<int> _mentioned = [];
    private readonly HashSet<int> _initialized = [];
    private readonly Queue<MethodBase> _open = new();
    private readonly ModuleVersions _versions = new(module);

    public string Describe(MethodInfo method)
    {
        Refer(method);
        while (_open.TryDequeue(out var next))
        {
            if (_methods.Count > MostMethods) throw new UndecodableCodeException("too many methods");
            DescribeBody(next);
        }

        return _text.Append(_versions.ToText()).ToString();
    }

    private void DescribeBody(MethodBase method)
    {
        _text.Append("\nmethod ").Append(_methods[method.MetadataToken]).Append(' ').Append(method.IsStatic).Append(' ').Append(method.GetParameters().Length).Append('\n');
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
        {
            _text.Append(method).Append(method.Attributes); // abstract, or native
            return;
        }

        foreach (var clause in body.ExceptionHandlingClauses)
        {
            _text.Append(CultureInfo.InvariantCulture, $"try {clause.Flags} {clause.TryOffset} {clause.TryLength} {clause.HandlerOffset} {clause.HandlerLength} ");
            if (clause.Flags == ExceptionHandlingClauseOptions.Clause && clause.CatchType is { } caught) Refer(caught, isMention: false);
            else if (clause.Flags == ExceptionHandlingClauseOptions.Filter) _text.Append(clause.FilterOffset);
        }

        DescribeCode(method, code);
    }

    private void DescribeCode(MethodBase method, ReadOnlySpan<byte> code)
    {
        var typeArguments = method.DeclaringType?.GetGenericArguments() ?? [];
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        while (!code.IsEmpty)
        {
            int operation = code[0];
            int length = 1;
            if (operation == TwoBytes >> 8 && code.Length > 1)
            {
                operation = TwoBytes | code[1];
                length = 2;
            }

            int operand = IlTokens.OperandBytes(operation);
            if (operation == Switch && code.Length >= 5)
                operand = sizeof(int) + (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(code[1..]) * (long)sizeof(int), int.MaxValue - 8);
            if (operand < 0 || operand > code.Length - length || operation == CallIndirectly) throw new UndecodableCodeException($"instruction {operation:x}");
            var value = code.Slice(length, operand);
            code = code[(length + operand)..];
            _text.Append(CultureInfo.InvariantCulture, $"{operation:x} ");
            if (operation == LoadString) Quote(module.ResolveString(BinaryPrimitives.ReadInt32LittleEndian(value)));
            else if (!IlTokens.HasToken(operation)) _text.Append(Convert.ToHexString(value));
            else Refer(module.ResolveMember(BinaryPrimitives.ReadInt32LittleEndian(value), typeArguments, methodArguments)!);
            _text.Append(' ');
        }
    }

    private void Quote(string text) => _text.Append(text.Length).Append('"').Append(text).Append('"');

    private void Refer(MemberInfo member)
    {
        switch (member)
        {
            case Type type:
                Refer(type, isMention: true);
                break;
            case FieldInfo field:
                Refer(field);
                break;
            case MethodBase method:
                Refer(method);
                break;
            default:
                throw new UndecodableCodeException($"{member.MemberType}");
        }
    }

    private void Refer(FieldInfo field)
    {
        if (field.DeclaringType is { } owner) Refer(owner, isMention: false);
        if (field.Module == module && field.IsStatic) Initialize(field.DeclaringType);
        _text.Append('.');
        Name(field, field.Module);
    }

    private void Refer(MethodBase method)
    {
        if (method.DeclaringType is { } owner) Refer(owner, isMention: method.IsConstructor && !method.IsStatic);
        if (method.IsGenericMethod)
        {
            foreach (var argument in method.GetGenericArguments()) Refer(argument, isMention: true);
        }

        if (method.Module != module)
        {
            _text.Append("::").Append(method.Module.ResolveMethod(method.MetadataToken)); // the definition: its text does not contain the arguments
            return;
        }

        Initialize(method.DeclaringType);
        if (method.DeclaringType is { } type && IsMachine(type)) Mention(type);
        _text.Append("::#").Append(Open(method));
    }

    private int Open(MethodBase method)
    {
        if (_methods.TryGetValue(method.MetadataToken, out int number)) return number;
        number = _methods[method.MetadataToken] = _methods.Count;
        _open.Enqueue(module.ResolveMethod(method.MetadataToken)!); // the definition, if this is a method of a generic type with arguments
        return number;
    }

    private void Refer(Type type, bool isMention)
    {
        if (type.HasElementType)
        {
            _text.Append(type.IsArray ? $"[{type.GetArrayRank()}]" : type.IsPointer ? "*" : "&");
            Refer(type.GetElementType()!, isMention);
            return;
        }

        if (type.IsGenericParameter)
        {
            _text.Append(type.DeclaringMethod is null ? '!' : '?').Append(type.GenericParameterPosition);
            return;
        }

        if (type.IsFunctionPointer) throw new UndecodableCodeException("a function pointer");
        if (type.DeclaringType is { } outer) Refer(outer, isMention: false);
        else _text.Append(type.Module.Assembly.GetName().Name).Append('/').Append(type.Namespace);
        _text.Append('/');
        Name(type, type.Module);
        if (type.IsGenericType && !type.IsGenericTypeDefinition)
        {
            foreach (var argument in type.GetGenericArguments()) Refer(argument, isMention: true);
        }

        if (type.Module == module)
        {
            if (isMention) Mention(type);
        }
        else
        {
            _versions.Add(type.Module);
        }
    }

    // The compiler's names contain the positions of other members: the tenth lambda of a class gets another name if one is added before it.
    private void Name(MemberInfo member, Module owner)
    {
        if (owner != module || !member.Name.StartsWith('<')) _text.Append(member.Name);
        else if (_unnamed.TryGetValue(member.MetadataToken, out int number)) _text.Append('#').Append(number);
        else _text.Append('#').Append(_unnamed[member.MetadataToken] = _unnamed.Count);
    }

    private void Initialize(Type? type)
    {
        if (type is null || !_initialized.Add(type.MetadataToken) || Definition(type).TypeInitializer is not { } initializer) return;
        if (!IsHolder(type)) Open(initializer);
    }

    private void Mention(Type type)
    {
        for (var mentioned = Definition(type); mentioned is not null && mentioned.Module == module; mentioned = mentioned.BaseType is { } parent ? Definition(parent) : null)
        {
            if (IsHolder(mentioned) || !_mentioned.Add(mentioned.MetadataToken)) return;
            _text.Append("{type ");
            Name(mentioned, module);
            foreach (var field in mentioned.GetFields(Every)) _text.Append(' ').Append(field.FieldType.Name);
            foreach (var method in mentioned.GetMethods(Every)) _text.Append(' ').Append(Open(method));
            foreach (var constructor in mentioned.GetConstructors(Every)) _text.Append(' ').Append(Open(constructor));
            _text.Append('}');
        }
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    // The classes that hold the lambdas of a class, or the constants of the assembly: only the members that the code uses count.
    private static bool IsHolder(Type type) => type.Name.StartsWith("<>c", StringComparison.Ordinal) || type.Name.StartsWith("<Priv", StringComparison.Ordinal);

    // The state machine of an asynchronous method or an iterator: any of its methods may run.
    private static bool IsMachine(Type type) => type.Name.StartsWith('<') && !type.Name.StartsWith("<>", StringComparison.Ordinal) && !IsHolder(type);
}
